import { describe, expect, it } from 'vitest';
import { type AnswerPart, type StreamTimes, streamAnswer } from '../../src/jobs/answer-stream.ts';
import type { Invocation } from '../../src/jobs/invocation.ts';
import { retry } from '../../src/jobs/retry.ts';
import type { Room } from '../../src/jobs/room.ts';
import type { Submission } from '../../src/jobs/submit.ts';
import { viewOf } from '../../src/jobs/view.ts';
import { drain, stateOf, times, upTo } from './asking.ts';
import { cloudOfFile, invocation } from './cloud.ts';
import { doubling, values } from './workload.ts';

const cloud = await cloudOfFile();

interface Asking {
  work?: Partial<Invocation>;
  limits?: Partial<StreamTimes>;
  gone?: AbortController;
  /** Called with each part as it comes. */
  on?: (part: AnswerPart) => Promise<void> | void;
}

async function ask(room: Room, submission: Submission, { work = {}, limits = {}, gone, on }: Asking = {}) {
  const waits = { ...times(room.clock), until: room.clock.now() + 30_000, ...limits };
  const signal = (gone ?? new AbortController()).signal;
  const parts: AnswerPart[] = [];
  for await (const part of streamAnswer(
    room,
    invocation(room.clock, 60_000, work),
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
    const room = cloud.room(workload);
    const items = [...values(7, { ms: 5 }), { value: 7, fails: true }];
    let id = '';
    const { kinds, outcomes, end } = await ask(room, submission(items), {
      async on(part) {
        if (part.kind === 'job') id = part.job.id;
        if (part.kind !== 'outcome') return;
        expect(sorted((await stateOf(room, id)).outcomes)).toContain(part.outcome.index);
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
    const room = cloud.room(workload);
    const read: string[] = [];
    const get: typeof room.blobs.get = (key, options) => {
      if (key.includes('/parts/')) read.push(key);
      return room.blobs.get(key, options);
    };
    const watching = { ...room, blobs: { ...room.blobs, get } };
    let others: Promise<unknown> = Promise.resolve();
    const { outcomes, end } = await ask(watching, submission(values(23)), {
      // Nothing is done here.
      limits: { async: true },
      on(part) {
        if (part.kind === 'job') others = drain(cloud, room);
      },
    });
    await others;
    expect(sorted(outcomes)).toEqual(upTo(23));
    expect(end).toMatchObject({ status: 'completed' });
    expect(new Set(read).size).toBe(read.length);
  });

  it('reads nothing back of what was done here', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const forbidden = (key: string) => {
      if (key.includes('/parts/')) throw new Error(`read ${key}`);
      return room.blobs.get(key);
    };
    const { outcomes } = await ask(
      { ...room, blobs: { ...room.blobs, get: forbidden } },
      submission(values(10)),
    );
    expect(sorted(outcomes)).toEqual(upTo(10));
  });

  it('tells a request that comes again of the job that there is, and not of what is being run again', async () => {
    let broken = true;
    const { workload, submission } = doubling({}, async ({ value }) => {
      if (broken && value === 1) throw new Error('broken');
    });
    const room = cloud.room(workload);
    const request = { ...submission(values(2)), idempotency: { key: 'k', requestHash: 'h' } };
    const first = await ask(room, request);
    expect(first.end).toMatchObject({ status: 'partial' });
    const again = await ask(room, request);
    expect(again.jobId).toBe(first.jobId);
    expect(sorted(again.outcomes)).toEqual([0, 1]);
    broken = false;
    await retry(room, await stateOf(room, first.jobId));
    // What had failed is open now, and done here.
    const third = await ask(room, request);
    expect(third.outcomes.map(({ index, status }) => [index, status]).sort()).toEqual([
      [0, 'succeeded'],
      [1, 'succeeded'],
    ]);
    expect(third.end).toMatchObject({ status: 'completed' });
  });

  it('ends at its time with what is known, while the job goes on', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const { kinds, end } = await ask(room, submission(values(5)), {
      limits: { async: true, until: room.clock.now() },
    });
    expect(kinds).toEqual(['job', 'end']);
    expect(end).toMatchObject({ status: 'running', pendingCount: 5 });
  });

  it('does not stop the job when the caller goes away: what runs is finished, what does not fit handed on', async () => {
    const { workload, submission } = doubling({ expectedMsPerUnit: 1 });
    const room = cloud.room(workload);
    const gone = new AbortController();
    const items = [...values(5, { ms: 300 }), ...values(5, { ms: 60_000 })];
    const { jobId, end } = await ask(room, submission(items), {
      work: { stopAt: room.clock.now() + 1_500 },
      gone,
      on: (part) => {
        if (part.kind === 'job') gone.abort();
      },
    });
    expect(end).toBeUndefined();
    const { job, slices, outcomes } = await stateOf(room, jobId);
    expect(job.status).toBe('running');
    expect(sorted(outcomes)).toEqual(upTo(5));
    expect(slices.map(({ status }) => status)).toEqual(['done', 'queued']);
    expect(await cloud.receive()).toContainEqual({ jobId, sliceId: '000001' });
  });

  it('throws before the first part when the job cannot be recorded', async () => {
    const { workload, submission } = doubling();
    const room = cloud.room(workload);
    const create = () => Promise.reject(new Error('no table'));
    await expect(ask({ ...room, ledger: { ...room.ledger, create } }, submission(values(1)))).rejects.toThrow(
      'no table',
    );
  });
});
