import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/engine/clock.ts';
import { listFiles } from '../../../src/core/jobs/files/list-files.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { resultsOf } from '../../../src/core/jobs/views/results.ts';
import { echo } from '../../../src/workloads/echo/workload.ts';
import type { FilesSummary } from '../../../src/workloads/extract-files/context.ts';
import { extractOptions } from '../../../src/workloads/extract-files/schema.ts';
import { createParserPool } from '../../../src/workloads/extract-files/threads/pool.ts';
import { type ExtractPorts, extractFiles } from '../../../src/workloads/extract-files/workload.ts';
import { drain, stateOf } from '../../core/jobs/asking.ts';
import { cloudOfFile } from '../../core/jobs/cloud.ts';

const cloud = await cloudOfFile();
const { blobs } = cloud.jobs(echo());
/** Does what a file says: `hang` and `exit` would take the service with them. */
const pool = createParserPool({
  threads: 2,
  entry: new URL('./fixtures/odd-thread.ts', import.meta.url),
});
afterAll(() => pool.close());
const metrics = { count: () => {}, milliseconds: () => {} };
const upstreamDeps = { clock: systemClock, metrics } as unknown as ExtractPorts['upstreamDeps'];
const jobs = cloud.jobs(extractFiles({ blobs, upstreamDeps }, pool));

/** More than an outcome has of it. */
const long = 'second '.repeat(1_000).trim();

it('files that hang or explode fail alone, and all else of a folder is read and merged', async () => {
  const files = {
    'docs/a.txt': 'first',
    'docs/deep/er/b.txt': long,
    'docs/hang.txt': 'hang',
    'docs/quit.txt': 'exit',
    'docs/z z (ü).txt': 'last',
    'other.txt': 'not asked for',
  };
  for (const [name, text] of Object.entries(files))
    await blobs.put(`uploads/acme/${name}`, text, 'text/plain');
  const submission = {
    tenant: 'acme',
    workload: 'extract-files',
    items: await listFiles(jobs, 'acme', { folders: ['uploads/acme/docs'] }),
    options: extractOptions.parse({ timeoutSeconds: 3 }),
    output: { format: 'jsonl' as const },
  };
  const now = systemClock.now();
  const { jobId } = await submit(jobs, submission, 0, { waitUntil: now, goneAt: now });
  await drain(cloud, jobs);

  const state = await stateOf(jobs, jobId);
  expect(state.job).toMatchObject({ status: 'partial', succeeded: 3, failed: 2 });
  const { results } = await resultsOf(jobs, state, { limit: 10, after: -1 });
  const url = expect.stringContaining(`jobs/${jobId}/texts/`);
  expect(results).toMatchObject([
    { itemId: 'a.txt', output: { excerpt: 'first', text: { url } } },
    { itemId: 'deep/er/b.txt', output: { characters: long.length, text: { url } } },
    { itemId: 'hang.txt', output: null, error: { code: 'PARSER_TIMED_OUT' } },
    { itemId: 'quit.txt', output: null, error: { code: 'PARSER_DIED' } },
    { itemId: 'z z (ü).txt', output: { excerpt: 'last', text: { url } } },
  ]);
  const links = results as { output: { text: { url: string } } | null }[];
  expect(await (await fetch(links[4]?.output?.text.url ?? '')).text()).toBe('last');

  const read = async (key = '') => buffer(Readable.from((await blobs.read(key)) ?? []));
  const lines = (await read(state.job.files?.output)).toString().trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).error_code ?? JSON.parse(line).name)).toEqual([
    'a.txt',
    'deep/er/b.txt',
    'PARSER_TIMED_OUT',
    'PARSER_DIED',
    'z z (ü).txt',
  ]);
  const summary: FilesSummary = JSON.parse((await read(state.job.files?.summary)).toString());
  expect(summary).toMatchObject({ files: 5, failed: 2 });
  expect(summary.folders.map(({ folder, files }) => [folder, files])).toEqual([
    ['.', 5],
    ['deep', 1],
    ['deep/er', 1],
  ]);
  expect(summary.context).toBe(`# a.txt\nfirst\n\n# deep/er/b.txt\n${long}\n\n# z z (ü).txt\nlast`);
});
