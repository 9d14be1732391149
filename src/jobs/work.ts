import { toFailure } from '../engine/errors.ts';
import { type Ran, runUnderBudget, type Settlement } from '../engine/run.ts';
import type { Expectation } from './expectation.ts';
import { settleSlice } from './finish.ts';
import { failRest, fresh, outcomesOf } from './give-up.ts';
import { type Claimed, crashes, type Job, LeaseLost, type Outcome } from './job.ts';
import { type IndexedItem, readItems } from './objects.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { type Room, workloadOf } from './room.ts';
import { splitSlice } from './split.ts';

/** The invocation that does the work, and what it may use. */
export interface Invocation {
  /** Name of the function. */
  ranOn: string;
  /** Epoch milliseconds at which work stops; what follows is for recording and replying. */
  stopAt: number;
  /** How many of so many slots may be in use just now: fewer as memory fills up, none when it is full. */
  slots(concurrency: number): number;
  /** Memory in use, in bytes, for the log. */
  memoryBytes(): number;
}

interface Task extends IndexedItem {
  recorder: Recorder;
  overflow: Record<string, number>;
}

/** Aborted items get this long to wind up, in milliseconds: enough to notice the abort, no more. */
const graceMs = 150;
/** SQS holds a message back for at most 15 minutes. */
const maxDelaySeconds = 900;

/**
 * Works on claimed slices of one job in one sliding window, recording as it goes; what does not fit the budget goes
 * back to the queue. Returns the outcomes that it recorded. Throws only when a slice could neither be recorded nor
 * handed on; its lease then runs out and the sweeper takes over.
 */
export async function workOn(
  room: Room,
  invocation: Invocation,
  job: Job,
  claimed: readonly Claimed[],
  expectation: Expectation,
): Promise<Outcome[]> {
  const workload = workloadOf(room, job.workload);
  const { clock, log, metrics } = room;
  const opened = (await Promise.all(claimed.map((one) => open(room, invocation, job, one)))).flat();
  const tasks = opened.flatMap(({ tasks }) => tasks);
  const outcomes: Outcome[] = [];
  const startedAt = clock.now();
  let running = 0;

  const onSettled = (task: Task, settlement: Settlement<unknown>) => {
    const { index, recorder } = task;
    const { slice } = recorder;
    const line = {
      jobId: job.id,
      sliceId: slice.id,
      index,
      running,
      memoryMb: toMb(invocation.memoryBytes()),
    };
    if (settlement.status === 'overflow') {
      const { reason } = settlement;
      task.overflow[reason] = (task.overflow[reason] ?? 0) + 1;
      if (reason === 'stopped') learnFromStopped(task.item, settlement);
      log.info('item overflowed', { ...line, reason });
      return;
    }
    const { durationMs, waitedMs, rank } = settlement;
    const itemId = workload.idOf?.(task.item);
    const base = {
      index,
      ...(itemId !== undefined && { itemId }),
      attempts: slice.claims,
      durationMs,
      ranOn: invocation.ranOn,
    };
    if (settlement.status === 'succeeded') {
      expectation.learn(task.item, rank, durationMs);
      recorder.add(keep({ ...base, status: 'succeeded', output: settlement.output }));
      log.info('item succeeded', { ...line, durationMs, waitedMs });
    } else {
      const error = toFailure(settlement.error);
      recorder.add(keep({ ...base, status: 'failed', error }));
      log.warn('item failed', { ...line, durationMs, waitedMs, failure: error });
    }
  };
  /** An item that was stopped tells something only if it had run longer than expected: then that was too short. */
  const learnFromStopped = (item: unknown, { rank, durationMs }: Partial<Ran>) => {
    if (rank === undefined || durationMs === undefined) return;
    if (durationMs > expectation.atMostMs(item, rank)) expectation.learn(item, rank, durationMs);
  };
  const keep = (outcome: Outcome) => {
    outcomes.push(outcome);
    return outcome;
  };

  const settlements = await runUnderBudget(tasks, {
    concurrency: workload.limits.concurrency,
    clock,
    stopAt: invocation.stopAt,
    expectedMs: ({ item }, rank) => expectation.atMostMs(item, rank),
    slots: () => invocation.slots(workload.limits.concurrency),
    graceMs,
    onSettled,
    async run({ index, item, recorder }, engineSignal) {
      const ref = { jobId: job.id, tenant: job.tenant, index, options: job.options };
      const signal = AbortSignal.any([engineSignal, recorder.lost]);
      running += 1;
      try {
        return await workload.run(item, { ...ref, idempotencyKey: `${job.id}#${index}`, signal, log });
      } catch (error) {
        if (!signal.aborted) await workload.undo?.(ref);
        throw error;
      } finally {
        running -= 1;
      }
    },
  });

  const closings = await Promise.allSettled(opened.map((one) => close(room, invocation, job, one)));
  await expectation.save().catch((error) => log.warn('durations not saved', { error: String(error) }));
  const overflowed = settlements.filter(({ status }) => status === 'overflow').length;
  const succeeded = outcomes.filter(({ status }) => status === 'succeeded').length;
  metrics.count('ItemsSucceeded', succeeded);
  metrics.count('ItemsFailed', outcomes.length - succeeded);
  metrics.count('ItemsOverflowed', overflowed);
  if (invocation.stopAt > startedAt) {
    metrics.percent('BudgetUsed', (100 * (clock.now() - startedAt)) / (invocation.stopAt - startedAt));
  }
  for (const closing of closings) if (closing.status === 'rejected') throw closing.reason;
  return outcomes;
}

interface Opened extends Claimed {
  recorder: Recorder;
  tasks: Task[];
  openedAt: number;
  /** Items that were not started or not finished here, by reason. */
  overflow: Record<string, number>;
}

/** Finds out what is left of a slice. Empty when it was settled otherwise: split, or given up. */
async function open(room: Room, invocation: Invocation, job: Job, claimed: Claimed): Promise<Opened[]> {
  const { slice, lease } = claimed;
  const { clock, settings } = room;
  if (slice.hops > settings.maxHops) {
    const message = `Handed on ${slice.hops} times without getting done`;
    await failRest(room, job, claimed, invocation.ranOn, {
      code: 'HOPS_EXHAUSTED',
      message,
      retryable: true,
    });
    return [];
  }
  const settled = new Set((await outcomesOf(room, slice)).map(({ index }) => index));
  const left = (await readItems(room.blobs, slice)).filter(({ index }) => !settled.has(index));
  if (crashes(slice) > 0 && left.length > 1) {
    await splitSlice(room, job, claimed, left);
    return [];
  }
  if (crashes(slice) >= settings.maxCrashes) {
    const message = `${crashes(slice)} workers died on this item`;
    await failRest(room, job, claimed, invocation.ranOn, { code: 'WORKER_DIED', message, retryable: false });
    return [];
  }
  const { checkpointMs } = workloadOf(room, job.workload).limits;
  const recorder = createRecorder(room, slice, lease, left.length, checkpointMs);
  room.metrics.milliseconds('QueueWait', clock.now() - slice.queuedAt);
  const overflow = {};
  const tasks = left.map((item) => ({ ...item, recorder, overflow }));
  return [{ slice, lease, recorder, tasks, openedAt: clock.now(), overflow }];
}

/** Settles a slice that got done, hands on one that did not. */
async function close(
  room: Room,
  invocation: Invocation,
  job: Job,
  { slice, lease, recorder, tasks, openedAt, overflow }: Opened,
): Promise<void> {
  const { clock, log } = room;
  const line = {
    jobId: job.id,
    sliceId: slice.id,
    items: tasks.length,
    waitedMs: openedAt - slice.queuedAt,
    durationMs: clock.now() - openedAt,
    delivery: slice.claims,
    concurrency: workloadOf(room, job.workload).limits.concurrency,
    memoryMb: toMb(invocation.memoryBytes()),
    overflow,
  };
  let delaySeconds = 0;
  try {
    if (await recorder.close()) {
      await settleSlice(room, await fresh(room, lease));
      log.info('slice done', line);
      return;
    }
  } catch (error) {
    if (error instanceof LeaseLost) {
      log.warn('slice lost to another worker', line);
      return;
    }
    // Recording fails: what was not recorded runs again, later and later while the trouble lasts.
    delaySeconds = Math.min(maxDelaySeconds, 2 ** slice.hops);
    log.error('slice not recorded', { ...line, error: String(error), delaySeconds });
  }
  await room.ledger.release(lease, clock.now() + delaySeconds * 1000);
  await room.queue.send([{ jobId: job.id, sliceId: slice.id }], job.tenant, delaySeconds);
  log.info('slice handed on', line);
}

function toMb(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
