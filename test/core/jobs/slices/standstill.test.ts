import { beforeEach, describe, expect, it } from 'vitest';
import { heldUpBy, onBoard, WaitingBoard, waitsFor } from '../../../../src/core/engine/waiting.ts';
import { newJobId } from '../../../../src/core/jobs/model/job.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { watchStandstill } from '../../../../src/core/jobs/slices/standstill.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import { memoryBlobs } from '../../../../src/memory/blobs.ts';
import { memoryLedger } from '../../../../src/memory/ledger.ts';
import { memoryQueue } from '../../../../src/memory/queue.ts';
import { FakeClock } from '../../engine/fake-clock.ts';
import { surroundings } from '../surroundings.ts';
import { doubling } from '../workload.ts';

const startsAt = Date.parse('2026-01-01T12:00:00Z');
const boom = { code: 'UPSTREAM_FAILED', message: 'api: 500 boom', retryable: true };

let clock: FakeClock;
let jobs: JobsContext;
let lines: { message: string }[];
let jobId: string;

beforeEach(async () => {
  clock = new FakeClock(startsAt);
  lines = [];
  const write = (message: string, fields = {}) => void lines.push({ message, ...fields });
  jobs = {
    ...surroundings(doubling().workload, clock),
    ledger: memoryLedger(),
    queue: memoryQueue(clock),
    blobs: memoryBlobs(),
    log: { info: write, warn: write, error: write },
  };
  jobId = newJobId(startsAt);
  const counts = { totalItems: 100, succeeded: 40, failed: 0, createdAt: startsAt };
  await jobs.ledger.create(
    { id: jobId, tenant: 'acme', workload: 'doubling', options: {}, status: 'running', ...counts },
    [],
  );
});

const view = async () => {
  const state = await jobs.ledger.state(jobId);
  if (!state) throw new Error('no job');
  return viewOf(state, clock.now());
};

/** Starts a worker's watch. */
async function watch() {
  const job = await jobs.ledger.job(jobId);
  if (!job) throw new Error('no job');
  const board = new WaitingBoard(clock);
  return { board, standstill: watchStandstill(jobs, job, board) };
}

describe('a job that stands still', () => {
  it('says at once that an upstream is down, since when, with which error, and how often', async () => {
    const { board, standstill } = await watch();
    await clock.run(clock.sleep(10_000));
    expect(await view()).not.toHaveProperty('waitingFor');
    const downAt = clock.now();
    let leave = () => {};
    await onBoard(board, async () => {
      for (let times = 0; times < 5; times += 1) heldUpBy(boom);
      leave = waitsFor({ kind: 'upstream', name: 'api', since: downAt });
    });
    await clock.run(clock.sleep(2_000));
    const since = new Date(downAt).toISOString();
    expect(await view()).toMatchObject({
      rate: 0,
      waitingFor: { kind: 'upstream', name: 'api', since },
      paused: { upstream: 'api', since },
      lastError: { code: 'UPSTREAM_FAILED', message: 'api: 500 boom', since, count: 5 },
    });
    expect(await view()).not.toHaveProperty('etaSeconds');
    await onBoard(board, async () => heldUpBy(boom));
    await clock.run(clock.sleep(16_000));
    expect((await view()).lastError).toMatchObject({ since, count: 6 });
    expect(lines.filter(({ message }) => message === 'job waits')).toEqual([
      expect.objectContaining({ waitingFor: expect.objectContaining({ name: 'api' }) }),
    ]);

    leave();
    standstill.wentOn();
    await clock.run(clock.sleep(0));
    await standstill.end();
    expect(await view()).not.toHaveProperty('waitingFor');
    expect(await view()).not.toHaveProperty('paused');
    expect(await view()).not.toHaveProperty('lastError');
    expect((await view()).rate).toBeGreaterThan(0);
    expect(lines.map(({ message }) => message)).toContain('job continues');
    expect(clock.pendingTimers).toBe(0);
  });

  it.each(['rate', 'memory', 'lane'] as const)(
    'says that it waits for a %s only when nothing goes on',
    async (kind) => {
      const { board, standstill } = await watch();
      await onBoard(board, async () => void waitsFor({ kind, name: 'x', since: clock.now() }));
      for (let seconds = 0; seconds < 10; seconds += 1) {
        await clock.run(clock.sleep(1_000));
        standstill.wentOn();
      }
      expect(await view()).not.toHaveProperty('waitingFor');
      await clock.run(clock.sleep(6_000));
      expect((await view()).waitingFor).toMatchObject({ kind, name: 'x' });
      await standstill.end();
    },
  );

  it('names the upstream rather than what waits behind it', async () => {
    const { board, standstill } = await watch();
    await onBoard(board, async () => void waitsFor({ kind: 'lane', name: 'x', since: clock.now() }));
    await clock.run(clock.sleep(6_000));
    await onBoard(board, async () => void waitsFor({ kind: 'upstream', name: 'api', since: clock.now() }));
    await clock.run(clock.sleep(2_000));
    expect((await view()).waitingFor).toMatchObject({ kind: 'upstream', name: 'api' });
    await standstill.end();
  });

  it('tells an error that is tried again and again, though nothing is down yet', async () => {
    const { board, standstill } = await watch();
    await onBoard(board, async () => heldUpBy({ ...boom, message: 'x'.repeat(100_000) }));
    await clock.run(clock.sleep(6_000));
    const { lastError, waitingFor } = await view();
    expect([lastError?.code, lastError?.message.length, waitingFor]).toEqual([
      'UPSTREAM_FAILED',
      500,
      undefined,
    ]);
    await standstill.end();
  });

  it('shows only what its own items wait for', async () => {
    const mine = await watch();
    const board = new WaitingBoard(clock);
    await onBoard(board, async () => void waitsFor({ kind: 'upstream', name: 'api', since: clock.now() }));
    expect(mine.board.wait).toBeUndefined();
    expect(board.wait).toMatchObject({ name: 'api' });
    await mine.standstill.end();
  });
});
