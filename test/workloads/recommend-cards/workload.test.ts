import { describe, expect, it } from 'vitest';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { submitFile } from '../../../src/core/jobs/submit-file.ts';
import { drain, stateOf } from '../../core/jobs/asking.ts';
import { invocation } from '../../core/jobs/surroundings.ts';
import { worldOfFile } from '../../core/jobs/world.ts';
import { seen, useSandbox, useServers } from '../clients.ts';
import { cardWorker, configOf, outputOf, submitUsers, usersFile } from './cards.ts';

const world = await worldOfFile();
/** 27 ms an answer. */
const sandbox = useSandbox({ timeScale: 0.01 });
const serve = useServers();
const url = () => `${sandbox().urls.cards}/recommendations`;

/** Works on whatever is queued, with several workers at a time. */
async function drainWith(workers: readonly JobsContext[], budgetMs = 60_000): Promise<void> {
  const queue = await world.receive();
  const work = async (jobs: JobsContext) => {
    for (;;) {
      queue.push(...(await world.receive()));
      const ref = queue.shift();
      if (!ref) return;
      await continueSlice(jobs, invocation(jobs.clock, budgetMs), ref);
    }
  };
  await Promise.all(workers.map(work));
}

const callsOf = () => seen(sandbox(), 'cards', 'recommend');

describe('recommend-cards', () => {
  it('asks once for each user and puts fields of the answers beside the columns', async () => {
    const jobs = cardWorker(world);
    const id = await submitUsers(jobs, usersFile(60), configOf(url()));
    await drain(world, jobs);
    const { job } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'completed', succeeded: 60 });
    const rows = await outputOf(jobs, job.files?.output);
    expect(rows.map(({ user_id }) => user_id)).toEqual(Array.from({ length: 60 }, (_, n) => `u${n}`));
    expect(Object.keys(rows[0] ?? {})).toEqual(['user_id', 'dining', 'travel', 'best_card', 'value']);
    expect(rows[7]).toMatchObject({
      dining: '107',
      best_card: expect.any(String),
      value: expect.any(Number),
    });
    expect(callsOf().calls).toBe(60);
  });

  it('fails a user alone, with a code: no id, a column that is missing or wrong, an answer that never comes right', async () => {
    sandbox().configure({ api: 'cards', errors: { keys: ['u4'], keyStatus: 500 } });
    const jobs = cardWorker(world);
    const row = (n: number) =>
      ({ 1: ',100,1', 2: 'u2,,1', 3: 'u3,12;5,1', 5: 'u5,-1,1', 6: 'u6,6,' })[n] ?? `u${n},100,${n}`;
    const id = await submitUsers(jobs, usersFile(20, row), configOf(url(), { max_error_rate: 0.9 }));
    await drain(world, jobs);
    const { job, outcomes } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'partial', succeeded: 15, failed: 5 });
    const codes = outcomes.map((one) => one.status === 'failed' && one.error.code);
    expect(codes.slice(0, 8)).toEqual([
      ...[false, 'INVALID_USER_ID', 'MISSING_VALUE', 'INVALID_VALUE'],
      ...['UPSTREAM_FAILED', 'UPSTREAM_REFUSED', false, false],
    ]);
    // The poisoned one was tried three times, rows that cannot be asked for not at all.
    expect(callsOf().calls).toBe(15 + 3 + 1);
    const rows = await outputOf(jobs, job.files?.output);
    expect(rows[2]).toMatchObject({ user_id: 'u2', error_code: 'MISSING_VALUE' });
  });

  it('needs the columns that its options name: a file without them is refused before anybody is asked', async () => {
    const jobs = cardWorker(world);
    const refused = (file: string, config: object = {}) =>
      submitUsers(jobs, file, { ...configOf(url()), ...config }).catch(({ message }) => message);
    expect(await refused('user_idd,dining\r\nu1,1\r\n')).toBe(
      'There is no column "user_id" (did you mean "user_idd"?)',
    );
    expect(await refused('user_id,dinning\r\nu1,1\r\n')).toBe(
      'There is no column "dining" (did you mean "dinning"?)',
    );
    expect(await refused(usersFile(1), { id_column: 'uid' })).toMatch('There is no column "uid"');
    expect(callsOf().calls).toBe(0);
  });

  it.each([
    [
      'fail',
      { status: 'failed' },
      { error_code: 'FIELD_MISSING', error_message: expect.stringContaining('bonus') },
    ],
    ['empty', { status: 'completed' }, { best_card: expect.any(String), bonus: '' }],
  ])('lets a field that the answer lacks %s', async (missing_fields, ended, expected) => {
    const fields = { best_card: 'recommendations[0].name', bonus: 'recommendations[0].bonus.points' };
    const jobs = cardWorker(world);
    const config = configOf(url(), { max_error_rate: 0.99 }, { missing_fields, response_fields: fields });
    const id = await submitUsers(jobs, usersFile(2), config);
    await drain(world, jobs);
    const { job } = await stateOf(jobs, id);
    expect(job).toMatchObject(ended);
    expect((await outputOf(jobs, job.files?.output))[0]).toMatchObject(expected);
  });

  it('sends the numbers of a row as they are written, and takes those of the answer so', async () => {
    const bodies: string[] = [];
    const server = await serve((request, response) => {
      request.on('data', (chunk) => {
        bodies.push(String(chunk));
        response.end('{"card": 9007199254740993, "fee": 1.10, "all": {"b": 1, "2019": 0.50}}');
      });
    });
    const jobs = cardWorker(world);
    const users =
      '{"user_id": 1610521604143693812, "spent": 1.10, "2020": "x", "big": "12345678901234567890"}\n';
    await jobs.blobs.put('uploads/acme/users.jsonl', Buffer.from(users), 'application/x-ndjson');
    const api = {
      body_template: {
        z: '{{user_id}}',
        2019: '{{2020}}',
        of: ['{{spent}}', 'no. {{user_id}}'],
        n: '{{big:integer}}',
      },
      response_fields: { card: 'card', fee: 'fee', all: 'all' },
    };
    const options = jobs.workloads.get('recommend-cards')?.options.parse(configOf(server, {}, api));
    const times = { waitUntil: 0, goneAt: 0 };
    const common = {
      tenant: 'acme',
      workload: 'recommend-cards',
      options,
      output: { format: 'jsonl' as const },
    };
    const { id } = await submitFile(jobs, { ...common, source: { key: 'uploads/acme/users.jsonl' } }, times);
    await drain(world, jobs);
    const { job } = await stateOf(jobs, id);
    expect(bodies).toEqual([
      '{"2019":"x","z":1610521604143693812,"of":[1.10,"no. 1610521604143693812"],"n":12345678901234567890}',
    ]);
    const output = await jobs.blobs.get(job.files?.output ?? '');
    expect(output?.toString()).toBe(
      `${users.trim().slice(0, -1).replaceAll('": ', '":').replaceAll(', "', ',"')},"card":9007199254740993,"fee":1.10,"all":{"b":1,"2019":0.50}}\n`,
    );
  });

  it.each([1, 5])(
    'never has more than max_workers = %d calls under way, however many workers there are',
    async (max) => {
      const worker = () => cardWorker(world, { sliceSize: 8 * max, maxWorkers: 3 });
      const workers = [worker(), worker(), worker()] as const;
      const id = await submitUsers(workers[0], usersFile(24 * max), configOf(url(), { max_workers: max }));
      await continueSlice(workers[0], invocation(workers[0].clock), { jobId: id, sliceId: 'plan' });
      const state = await stateOf(workers[0], id);
      expect(state.slices.length).toBeGreaterThan(1);
      await drainWith(workers);
      const { job } = await stateOf(workers[0], id);
      const done = job.status === 'running' ? 0 : job.succeeded;
      // Those that were sent away come again later: what matters here is what was asked meanwhile.
      expect(callsOf().peak).toBe(max);
      expect(callsOf().calls).toBeGreaterThanOrEqual(done);
    },
  );

  it('slows down on 429, all workers together, and loses nobody by it', async () => {
    sandbox().configure({ api: 'cards', limits: { requests: { rate: 1, per: 'second', burst: 5 } } });
    const jobs = cardWorker(world);
    const id = await submitUsers(jobs, usersFile(60), configOf(url()));
    await drain(world, jobs);
    expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'completed', succeeded: 60 });
    const { calls, rejected } = callsOf();
    expect([calls - rejected, rejected > 0]).toEqual([60, true]);
  });

  it('keeps to a documented rate without a single refusal', async () => {
    sandbox().configure({ api: 'cards', limits: { requests: { rate: 1, per: 'second', burst: 100 } } });
    const jobs = cardWorker(world);
    const config = configOf(url(), {}, { requests_per_second: 100 });
    const id = await submitUsers(jobs, usersFile(150), config);
    await drain(world, jobs);
    expect((await stateOf(jobs, id)).job).toMatchObject({ succeeded: 150 });
    expect(callsOf()).toMatchObject({ calls: 150, rejected: 0 });
  });

  it('tries what takes too long again, three times in all', async () => {
    const asked: string[] = [];
    const server = await serve((request, response) => {
      request.on('data', (chunk) => {
        const { userId } = JSON.parse(String(chunk)) as { userId: string };
        asked.push(userId);
        const tries = asked.filter((one) => one === userId).length;
        if (userId === 'u1' || (userId === 'u2' && tries < 3)) return;
        response.end('{"recommendations": [{"name": "Card", "netAnnualValue": 1}]}');
      });
    });
    const jobs = cardWorker(world);
    const config = configOf(server, { max_error_rate: 0.9 }, { timeout: 0.5 });
    const id = await submitUsers(jobs, usersFile(4), config);
    await drain(world, jobs);
    const { outcomes } = await stateOf(jobs, id);
    expect(outcomes.map((one) => (one.status === 'failed' ? one.error.code : one.output))).toMatchObject([
      { best_card: 'Card' },
      'TIMED_OUT',
      { best_card: 'Card' },
      { best_card: 'Card' },
    ]);
    // More where its API was taken for down in between, and waited for: what it was asked before does not count then.
    expect(asked.filter((one) => one === 'u1').length).toBeGreaterThanOrEqual(3);
  });
});
