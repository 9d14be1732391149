import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../src/local/service.ts';
import { workbook } from '../core/formats/files.ts';
import { Client, scratchDir } from '../service/harness.ts';
import { spillway, start } from './command.ts';
import { readRows, writeRows } from './files.ts';

let service: Service;
let directory: Awaited<ReturnType<typeof scratchDir>>;
const at = (name: string) => join(directory.path, name);

beforeAll(async () => {
  directory = await scratchDir();
  service = await startService({ dataDir: at('data'), port: 0, workers: 2 });
});
afterAll(async () => {
  await service?.stop();
  await directory?.remove();
});

const ask = (...args: string[]) =>
  spillway(directory.path, args, { SPILLWAY_ENDPOINT: service.url, SPILLWAY_API_KEY: 'local' });

describe('with a service elsewhere', () => {
  it('submits, watches, runs again and shows results', async () => {
    writeRows(at('cities.csv'), 500, (n) => n === 300);
    const submitted = await ask('submit', 'echo', '--input', 'cities.csv', '--format', 'jsonl');
    expect(submitted).toMatchObject({ code: 0, stdout: expect.stringMatching(/^job_\w+\n$/) });
    const id = submitted.stdout.trim();
    expect((await ask('submit', 'echo', '--input', 'cities.csv', '--format', 'jsonl')).stdout.trim()).toBe(
      id,
    );

    const watched = await ask('watch', id, '--output', 'cities.jsonl', '--json');
    expect(watched.code).toBe(3);
    expect(JSON.parse(watched.stdout)).toMatchObject({ jobId: id, successCount: 499, errorCount: 1 });
    expect(readFileSync(at('cities.jsonl'), 'utf8').trim().split('\n')).toHaveLength(500);
    // Failed rows keep the format in which they came.
    expect(readRows(at('cities.errors.csv'))).toHaveLength(1);

    expect((await ask('retry', id)).code).toBe(3);
    const [results, all, list, cancelled] = await Promise.all([
      ask('results', id, '--status', 'failed'),
      ask('results', id, '--output', 'outcomes.jsonl'),
      ask('list'),
      ask('cancel', id),
    ]);
    const learned = / items of earlier runs, /;
    const [there, here] = await Promise.all([
      ask('plan', 'echo', '--items', '1000'),
      // In the directory that the service uses, without asking it.
      spillway(directory.path, ['plan', 'echo', '--items', '1000', '--data-dir', 'data']),
    ]);
    expect([there.stdout, here.stdout]).toEqual([
      expect.stringMatching(learned),
      expect.stringMatching(learned),
    ]);
    expect([there.stderr, here.stderr]).toEqual(['', '']);
    expect(JSON.parse(results.stdout)).toMatchObject({ index: 300, error: { code: 'TOLD_TO_FAIL' } });
    expect(all.code).toBe(0);
    const outcomes = readFileSync(at('outcomes.jsonl'), 'utf8').trim().split('\n');
    expect(outcomes.map((line) => JSON.parse(line).index)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(list.stdout).toMatch(new RegExp(`${id}  echo +partial +500 +500 +1`));
    expect(cancelled).toMatchObject({ code: 1, stderr: expect.stringContaining('(JOB_ENDED)') });
  });

  it('takes a folder where files are the items, and keeps their names', async () => {
    mkdirSync(at('papers/deep'), { recursive: true });
    writeFileSync(at('papers/über uns.md'), '# About\n\nWe are few.');
    writeFileSync(at('papers/deep/a.csv'), 'n\n1\n');
    writeFileSync(at('papers/deep/broken.pdf'), 'none');
    writeFileSync(at('papers/.hidden'), 'not asked for');
    const long = 'Nobody reads all of this. '.repeat(1_000).trim();
    writeFileSync(at('papers/deep/long.txt'), long);
    // More than is taken, which is known before it is sent.
    writeFileSync(at('papers/huge.pdf'), '');
    truncateSync(at('papers/huge.pdf'), 50 * 2 ** 20 + 1);
    const run = (...more: string[]) =>
      ask('run', 'extract-files', '--input', 'papers', '--output', 'found/out.jsonl', '--json', ...more);
    const { code, stdout, stderr } = await run();
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/^One file was not uploaded, .*\n {2}papers\/huge\.pdf: bytes must be at most /);
    const job = JSON.parse(stdout);
    expect(job).toMatchObject({ totalItems: 5, successCount: 3, errorCount: 2 });
    const lines = readFileSync(at('found/out.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { name: 'papers/huge.pdf', error_code: 'FILE_NOT_FOUND' },
      { name: 'papers/deep/a.csv', kind: 'csv' },
      { name: 'papers/deep/broken.pdf', error_code: 'FILE_DAMAGED' },
      { name: 'papers/deep/long.txt', characters: long.length },
      { name: 'papers/über uns.md', kind: 'markdown', title: 'About' },
    ]);
    const summary = JSON.parse(readFileSync(at('found/out.summary.json'), 'utf8'));
    expect(summary.context).toContain('# papers/über uns.md (About)\nAbout\n\nWe are few.');
    expect(job.files.texts).toBe('found/out-texts');
    const texts = () => readdirSync(at('found/out-texts/papers'), { recursive: true }).sort();
    const all = ['deep', 'deep/a.csv.txt', 'deep/long.txt.txt', 'über uns.md.txt'];
    expect(texts()).toEqual(all);
    expect(readFileSync(at('found/out-texts/papers/deep/long.txt.txt'), 'utf8') === long).toBe(true);
    rmSync(at('found/out-texts'), { recursive: true });
    // The same files again are the same job; other content is not.
    expect(JSON.parse((await run()).stdout).jobId).toBe(job.jobId);
    expect(texts()).toEqual(all);
    expect(JSON.parse((await run('--again')).stdout).jobId).not.toBe(job.jobId);
    writeFileSync(at('papers/deep/a.csv'), 'n\n2\n');
    expect(JSON.parse((await run()).stdout).jobId).not.toBe(job.jobId);
  });

  it('takes options from a file, the format that it is told, and starts anew when it is told to', async () => {
    // By its name, this is CSV.
    writeFileSync(at('odd.csv'), '{"a":1}\n{"a":2}\n');
    writeFileSync(at('options.json'), '{"delayMs":"never"}');
    const input = ['echo', '--input', 'odd.csv', '--input-format', 'jsonl', '--config', 'options.json'];
    const args = [
      'run',
      ...input,
      '--output',
      'odd.jsonl',
      '--set',
      'delayMs=0',
      '--max-workers',
      '3',
      '--json',
    ];
    const [refused, first] = await Promise.all([ask('submit', ...input), ask(...args)]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('  options.delayMs: ') });
    expect([first.code, readFileSync(at('odd.jsonl'), 'utf8')]).toEqual([0, '{"a":1}\n{"a":2}\n']);
    const again = JSON.parse((await ask(...args, '--again')).stdout);
    expect(again).toMatchObject({ status: 'completed', totalItems: 2, maxWorkers: 3 });
    expect(again.jobId).not.toBe(JSON.parse(first.stdout).jobId);
  });

  it('goes on with the same job if more rows are wanted, and begins another if fewer are', async () => {
    writeRows(at('trial.csv'), 30);
    const trial = async (...limit: string[]) => {
      const { code, stdout, stderr } = await ask(
        ...['run', 'echo', '--input', 'trial.csv', '--output', 'trial-out.csv', '--json'],
        ...limit,
      );
      expect(code, stderr).toBe(0);
      return { id: JSON.parse(stdout).jobId, rows: readRows(at('trial-out.csv')).length };
    };
    const first = await trial('--limit', '5');
    expect(first.rows).toBe(5);
    expect(await trial('--limit', '12')).toEqual({ id: first.id, rows: 12 });
    expect(await trial()).toEqual({ id: first.id, rows: 30 });
    const fewer = await trial('--limit', '3');
    expect(fewer.rows).toBe(3);
    expect(fewer.id).not.toBe(first.id);
  });

  it('submits for a compressed file, and lists as many jobs as it is told, as JSON', async () => {
    writeRows(at('few.csv'), 3);
    const id = (await ask('submit', 'echo', '--input', 'few.csv', '--gzip')).stdout.trim();
    const listed = await ask('list', '--limit', '1', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({ jobId: id, workload: 'echo' });
    await new Client(service.url).ended(id);
    const output = await fetch(`${service.url}/jobs/${id}/output`, { headers: { 'x-api-key': 'local' } });
    expect(gunzipSync(await output.bytes()).toString()).toBe(readFileSync(at('few.csv'), 'utf8'));
  });

  it('leaves the job alone at Ctrl+C; cancel stops it', async () => {
    writeRows(at('slow.csv'), 2_000);
    const args = ['run', 'echo', '--input', 'slow.csv', '--output', 'slow-out.csv', '--set', 'delayMs=2000'];
    const env = { SPILLWAY_ENDPOINT: service.url, SPILLWAY_API_KEY: 'local' };
    const watching = start(directory.path, args, env);
    await watching.says(/items/);
    watching.child.kill('SIGINT');
    const { code, stderr } = await watching.ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('The service continues the job')]);
    const id = /job_\w+/.exec(stderr)?.[0] ?? '';
    expect(await ask('cancel', id)).toMatchObject({ code: 0, stdout: expect.stringContaining('cancelled') });
    const again = start(directory.path, args, env);
    await again.says(new RegExp(`${id}: was cancelled; running the failed and the cancelled items again`));
    expect(await ask('cancel', id)).toMatchObject({ code: 0 });
    const stopped = await again.ended;
    expect(stopped).toMatchObject({ code: 1, stdout: expect.stringContaining(' cancelled: 2,000 items') });
    // Each row keeps its place.
    expect(readRows(at('slow-out.csv'))).toHaveLength(2_000);
  });

  it('takes and makes gzip, by the names of the files', async () => {
    writeRows(at('packed.csv'), 50, (n) => n === 7);
    writeFileSync(at('packed.csv.gz'), gzipSync(readFileSync(at('packed.csv'))));
    const args = ['run', 'echo', '--input', 'packed.csv.gz', '--output', 'packed/out.jsonl.gz'];
    expect(await ask(...args)).toMatchObject({ code: 3 });
    const lines = (name: string) =>
      gunzipSync(readFileSync(at(name)))
        .toString()
        .trim()
        .split('\n');
    expect(lines('packed/out.jsonl.gz').map((line) => JSON.parse(line).n)).toEqual(
      Array.from({ length: 50 }, (_, n) => String(n)),
    );
    expect(lines('packed/out.errors.csv.gz')[1]).toMatch(/^City 7,7,true,TOLD_TO_FAIL/);
  });

  it('lists its workloads, which are those of this machine', async () => {
    const [there, here, echo] = await Promise.all([
      ask('workloads', '--json'),
      spillway(directory.path, ['workloads', '--json']),
      ask('workloads', 'echo'),
    ]);
    expect([there.code, there.stderr]).toEqual([0, '']);
    expect(here.stdout).toBe(there.stdout);
    const described = there.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(described).toContainEqual(
      expect.objectContaining({
        name: 'echo',
        columns: [],
        limits: expect.objectContaining({ sliceSize: 10_000 }),
        options: expect.objectContaining({
          properties: { delayMs: expect.objectContaining({ default: 0 }) },
        }),
      }),
    );
    expect(echo.stdout).toMatch(/^echo: Returns .*\n {2}columns {2}any\n.*\n {2}options\n/);
    expect(echo.stdout).toMatch(/^ {4}delayMs {2}number 0–600000 {2}0$/m);
  });

  it('says what the service refuses, and where', async () => {
    writeFileSync(at('twice.csv'), 'a,b,a\r\n1,2,3\r\n');
    const refused = (workload: string, file: string, ...more: string[]) =>
      ask('run', workload, '--input', file, '--output', 'refused.csv', ...more);
    expect(await refused('echo', 'twice.csv')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: .* \(DUPLICATE_COLUMN\)\n {2}source, row 1, column a\n$/),
    });
    writeRows(at('good.csv'), 2);
    expect(await refused('ecko', 'good.csv')).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*mean "echo".*; available: .* \(UNKNOWN_WORKLOAD\)\n$/),
    });
    expect(await refused('echo', 'good.csv', '--set', 'delay=1', '--set', 'x=1')).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /\(INVALID_INPUT\)\n {2}options\.delay: .* \(did you mean "delayMs"\?\)\n {2}options\.x: is unknown\n$/,
      ),
    });
    writeFileSync(at('large.csv'), `a,b\r\n1,2\r\n3,${'x'.repeat(9 * 2 ** 20)}\r\n`);
    writeFileSync(
      at('macros.xlsx'),
      await workbook({ sheets: { S: '' }, others: { 'xl/vbaProject.bin': '' } }),
    );
    const [large, macros] = await Promise.all([refused('echo', 'large.csv'), refused('echo', 'macros.xlsx')]);
    expect(large).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/ \(CELL_TOO_LARGE\)\n {2}source, row 3, column b\n$/),
    });
    expect(macros).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: .* \(MACROS_NOT_ACCEPTED\)\n.*\n$/),
    });
    // Its end is missing, and it is so long that nobody has looked so far.
    writeFileSync(at('cut.json'), `[${'{"a":1},'.repeat(12_000)}`);
    expect(await refused('echo', 'cut.json')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(' failed: '),
      stderr: expect.stringMatching(/error: .* \(FILE_TRUNCATED\)\n$/),
    });
    expect(await ask('watch', 'job_0')).toMatchObject({
      code: 1,
      stderr: 'error: You have no job with this id (JOB_NOT_FOUND)\n',
    });
  });
});
