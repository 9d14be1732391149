import { describe, expect, it } from 'vitest';
import { type AnswerPart, type StreamTimes, streamAnswer } from '../../../src/core/jobs/answer-stream.ts';
import type { Invocation } from '../../../src/core/jobs/model/invocation.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { retry } from '../../../src/core/jobs/retry.ts';
import type { Submission } from '../../../src/core/jobs/submit.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { drain, stateOf, times, upTo } from './asking.ts';
import { invocation } from './surroundings.ts';
import { doubling, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

interface Asking {
  work?: Partial<Invocation>;
  limits?: Partial<StreamTimes>;
  gone?: AbortController;
  /** Called with each part as it comes. */
  on?: (part: AnswerPart) => Promise<void> | void;
}

async function ask(
  jobs: JobsContext,
  submission: Submission,
  { work = {}, limits = {}, gone, on }: Asking = {},
) {
  const waits = { ...times(jobs.clock), until: jobs.clock.now() + 30_000, ...limits };
  const signal = (gone ?? new AbortController()).signal;
  const parts: AnswerPart[] = [];
  for await (const part of streamAnswer(
    jobs,
    invocation(jobs.clock, 60_000, work),
    submission,
    waits,
    signal,
  )) {
    parts.push(part);
    await on?.(part);
  }
  const last = parts.at(-1);
  return {
    kinds: parts.map(({ kind }) => kind),
    jobId: parts[0]?.kind === 'job' ? parts[0].job.id : '',
    outcomes: parts.flatMap((part) => (part.kind === 'outcome' ? [part.outcome] : [])),
    end: last?.kind === 'end' ? viewOf(last.state) : undefined,
  };
}

const sorted = (outcomes: readonly { index: number }[]) =>
  outcomes.map(({ index }) => index).sort((a, b) => a - b);

describe('an answer in parts', () => {
  it('begins with the job, tells each outcome once, as recorded, and ends with the job as it is', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const items = [...values(7, { ms: 5 }), { value: 7, fails: true }];
    let id = '';
    const { kinds, outcomes, end } = await ask(jobs, submission(items), {
      async on(part) {
        if (part.kind === 'job') id = part.job.id;
        if (part.kind !== 'outcome') return;
        expect(sorted((await stateOf(jobs, id)).outcomes)).toContain(part.outcome.index);
      },
    });
    expect(kinds).toEqual(['job', ...upTo(8).map(() => 'outcome'), 'end']);
    expect(sorted(outcomes)).toEqual(upTo(8));
    expect(outcomes.find(({ index }) => index === 7)).toMatchObject({
      status: 'failed',
      error: { code: 'BAD_VALUE' },
    });
    expect(end).toMatchObject({ jobId: id, status: 'partial', successCount: 7, errorCount: 1 });
  });

  it('tells what others do, and reads each of their parts once', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const read: string[] = [];
    const get: typeof jobs.blobs.get = (key, options) => {
      if (key.includes('/parts/')) read.push(key);
      return jobs.blobs.get(key, options);
    };
    const watching = { ...jobs, blobs: { ...jobs.blobs, get } };
    let others: Promise<unknown> = Promise.resolve();
    const { outcomes, end } = await ask(watching, submission(values(23)), {
      // Nothing is done here.
      limits: { async: true },
      on(part) {
        if (part.kind === 'job') others = drain(world, jobs);
      },
    });
    await others;
    expect(sorted(outcomes)).toEqual(upTo(23));
    expect(end).toMatchObject({ status: 'completed' });
    expect(new Set(read).size).toBe(read.length);
  });

  it('reads nothing back of what was done here', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const forbidden = (key: string) => {
      if (key.includes('/parts/')) throw new Error(`read ${key}`);
      return jobs.blobs.get(key);
    };
    const { outcomes } = await ask(
      { ...jobs, blobs: { ...jobs.blobs, get: forbidden } },
      submission(values(10)),
    );
    expect(sorted(outcomes)).toEqual(upTo(10));
  });

  it('tells a request that comes again of the job that there is, and not of what is being run again', async () => {
    let broken = true;
    const { workload, submission } = doubling({}, async ({ value }) => {
      if (broken && value === 1) throw new Error('broken');
    });
    const jobs = world.jobs(workload);
    const request = { ...submission(values(2)), idempotency: { key: 'k', requestHash: 'h' } };
    const first = await ask(jobs, request);
    expect(first.end).toMatchObject({ status: 'partial' });
    const again = await ask(jobs, request);
    expect(again.jobId).toBe(first.jobId);
    expect(sorted(again.outcomes)).toEqual([0, 1]);
    broken = false;
    await retry(jobs, await stateOf(jobs, first.jobId));
    // What had failed is open now, and done here.
    const third = await ask(jobs, request);
    expect(third.outcomes.map(({ index, status }) => [index, status]).sort()).toEqual([
      [0, 'succeeded'],
      [1, 'succeeded'],
    ]);
    expect(third.end).toMatchObject({ status: 'completed' });
  });

  it('ends at its time with what is known, while the job goes on', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const { kinds, end } = await ask(jobs, submission(values(5)), {
      limits: { async: true, until: jobs.clock.now() },
    });
    expect(kinds).toEqual(['job', 'end']);
    expect(end).toMatchObject({ status: 'running', pendingCount: 5 });
  });

  it('does not stop the job when the caller goes away: what runs is finished, what does not fit handed on', async () => {
    const { workload, submission } = doubling({ expectedMsPerUnit: 1 });
    const jobs = world.jobs(workload);
    const gone = new AbortController();
    const items = [...values(5, { ms: 300 }), ...values(5, { ms: 60_000 })];
    const { jobId, end } = await ask(jobs, submission(items), {
      work: { stopAt: jobs.clock.now() + 1_500 },
      gone,
      on: (part) => {
        if (part.kind === 'job') gone.abort();
      },
    });
    expect(end).toBeUndefined();
    const { job, slices, outcomes } = await stateOf(jobs, jobId);
    expect(job.status).toBe('running');
    expect(sorted(outcomes)).toEqual(upTo(5));
    expect(slices.map(({ status }) => status)).toEqual(['done', 'queued']);
    expect(await world.receive()).toContainEqual({ jobId, sliceId: '000001' });
  });

  it('throws before the first part when the job cannot be recorded', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const create = () => Promise.reject(new Error('no table'));
    await expect(ask({ ...jobs, ledger: { ...jobs.ledger, create } }, submission(values(1)))).rejects.toThrow(
      'no table',
    );
  });
});
