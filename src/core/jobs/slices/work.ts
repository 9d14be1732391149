import { causesOf, ItemError, itemErrors, Postponed, postponedIn, toFailure } from '../../engine/errors.ts';
import { type Ran, runUnderBudget, type Settlement } from '../../engine/run.ts';
import { within } from '../../engine/time-limit.ts';
import { onBoard, WaitingBoard } from '../../engine/waiting.ts';
import { limitErrors } from '../../limits/limit-errors.ts';
import { type Invocation, toMb } from '../model/invocation.ts';
import type { Job, Outcome } from '../model/job.ts';
import { type JobsContext, workloadOf } from '../model/jobs-context.ts';
import { simulation } from '../model/simulation.ts';
import { type Claimed, splitFrom } from '../model/slice.ts';
import { limitsOf } from '../model/workload-limits.ts';
import type { TakenSlice } from '../workload.ts';
import { closeSlice } from './close.ts';
import type { Expectation } from './expectation.ts';
import { failureWindow } from './failure-window.ts';
import { orHandOn } from './hand-on.ts';
import { openSlice, type Task } from './open.ts';
import type { Recorder } from './recorder.ts';
import { watchStandstill } from './standstill.ts';
import { watchForStop } from './stop.ts';

/** Milliseconds that aborted items get to wind up: enough to notice the abort, no more. */
const graceMs = 150;
/** Up to this slice size, each item gets a line in the log. */
const linesUpTo = 100;

/**
 * Works on claimed slices of one job in one sliding window and records outcomes as it goes. Items that do not fit the
 * budget go back to the queue. Returns the outcomes that it recorded. Throws only if a slice could neither be recorded
 * nor handed on; its lease then runs out and the sweeper takes over.
 */
export async function workOn(
  jobs: JobsContext,
  invocation: Invocation,
  job: Job,
  claimed: readonly Claimed[],
  expectation: Expectation,
): Promise<Outcome[]> {
  const workload = workloadOf(jobs, job.workload);
  const limits = limitsOf(workload, job.options);
  const { clock, log, metrics } = jobs;
  const opened = (
    await Promise.all(
      claimed.map(
        async (one) =>
          (await orHandOn(jobs, job, { lease: one.lease, waits: one.slice.waits }, () =>
            openSlice(jobs, invocation, job, one),
          )) ?? [],
      ),
    )
  ).flat();
  const tasks = opened.flatMap(({ tasks }) => tasks);
  const taken = new Map(
    opened.map(({ slice, recorder, tasks }) => [recorder, takenSlice(slice.id, tasks.length)]),
  );
  const outcomes: Outcome[] = [];
  /** Kept with each outcome: keys may be set between two workers. */
  const invented = simulation(jobs, job.workload, job.options).simulatedBy !== undefined;
  const startedAt = clock.now();
  let running = 0;
  // Larger slices hold rows: writing a line for each would be most of the work.
  const chatty = limits.sliceSize <= linesUpTo;
  const watch = watchForStop(jobs, job);
  const board = new WaitingBoard(clock);
  const standstill = watchStandstill(jobs, job, board);
  const window = failureWindow(job, limits.failures);

  const onSettled = (task: Task, settlement: Settlement<unknown>) => {
    const { index, recorder } = task;
    const { slice } = recorder;
    const line = () => ({
      jobId: job.id,
      sliceId: slice.id,
      index,
      running,
      memoryMb: toMb(invocation.memoryBytes()),
    });
    if (settlement.status === 'overflow') {
      const { reason } = settlement;
      const { counts } = task.overflow;
      counts[reason] = (counts[reason] ?? 0) + 1;
      if (reason === 'postponed') task.overflow.postponed = settlement.postponed;
      if (reason === 'stopped') learnFromStopped(task.item, settlement);
      log.info('item overflowed', { ...line(), reason });
      return;
    }
    // Another worker has the slice, and decides. What was aborted for it is no failure that could stop the job.
    if (recorder.lost.aborted) {
      log.info('outcome left to another worker', line());
      return;
    }
    const { durationMs, waitedMs, rank } = settlement;
    const itemId = workload.idOf?.(task.item);
    const attempts = slice.claims - slice.waits;
    const { ranOn } = invocation;
    if (settlement.status === 'succeeded') {
      // What waited for an upstream that was down says nothing of how long such items take.
      if (!board.wasDown(clock.now() - durationMs)) expectation.learn(task.item, rank, durationMs);
      standstill.wentOn();
      const { output } = settlement;
      const simulated = invented && { simulated: true as const };
      recorder.add(
        keep({ index, attempts, durationMs, ranOn, ...simulated, status: 'succeeded', output }, itemId),
      );
      window.add(undefined);
      if (chatty) log.info('item succeeded', { ...line(), durationMs, waitedMs });
    } else {
      const error = toFailure(settlement.error);
      recorder.add(keep({ index, attempts, durationMs, ranOn, status: 'failed', error }, itemId));
      const reason = settlement.error instanceof Error ? settlement.error.cause : undefined;
      log.warn('item failed', {
        ...line(),
        durationMs,
        waitedMs,
        failure: error,
        ...(reason !== undefined && { cause: causesOf(reason) }),
      });
      const stopsJob = settlement.error instanceof ItemError && settlement.error.stopsJob;
      const cause = stopsJob ? error : window.add(error);
      if (cause) watch.stop(cause);
    }
  };
  /** Learns from a stopped item only if it ran longer than expected: then the expectation was too short. */
  const learnFromStopped = (item: unknown, { rank, durationMs }: Partial<Ran>) => {
    if (rank === undefined || durationMs === undefined) return;
    if (durationMs > expectation.atMostMs(item, rank)) expectation.learn(item, rank, durationMs);
  };
  const keep = (outcome: Outcome, itemId: string | undefined) => {
    if (itemId !== undefined) outcome.itemId = itemId;
    outcomes.push(outcome);
    return outcome;
  };

  /** One signal for all items of a slice: with thousands of rows, a signal per row would cost more than the rows. */
  const signals = new Map<Recorder, AbortSignal>();
  const signalOf = (recorder: Recorder, engineSignal: AbortSignal) => {
    const signal = signals.get(recorder) ?? AbortSignal.any([engineSignal, recorder.lost]);
    signals.set(recorder, signal);
    return signal;
  };

  const settlements = await onBoard(board, () =>
    runUnderBudget(tasks, {
      concurrency: limits.concurrency,
      clock,
      stopAt: invocation.stopAt,
      expectedMs: ({ item }, rank) => expectation.atMostMs(item, rank),
      slots: () => invocation.slots(limits.concurrency),
      graceMs,
      signal: watch.signal,
      onSettled,
      async run({ index, item, recorder }, engineSignal) {
        const ref = { jobId: job.id, tenant: job.tenant, index, options: job.options };
        const signal = signalOf(recorder, engineSignal);
        const slice = taken.get(recorder) ?? takenSlice(recorder.slice.id, 1);
        const context = {
          ...ref,
          idempotencyKey: `${job.id}#${index}`,
          stopAt: invocation.stopAt,
          log,
          slice,
        };
        const { timeoutMs } = limits;
        const beganAt = clock.now();
        running += 1;
        try {
          const work = (own: AbortSignal) => workload.run(item, { ...context, signal: own });
          return await (timeoutMs === undefined ? work(signal) : within(clock, timeoutMs, signal, work));
        } catch (thrown) {
          const error =
            outOfTime(thrown) && board.wasDown(beganAt) ? waitedTooLong(thrown, clock.now()) : thrown;
          const decided = !signal.aborted && !postponedIn(error);
          if (decided) await workload.undo?.(ref);
          throw error;
        } finally {
          running -= 1;
        }
      },
    }),
  );

  const stopped = await watch.end();
  await standstill.end();
  const saved = expectation
    .save()
    .catch((error) => log.warn('durations not saved', { error: causesOf(error) }));
  const closings = await Promise.allSettled(
    opened.map((one) => closeSlice(jobs, invocation, job, one, stopped)),
  );
  await saved;
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

const outOfTime = (error: unknown) =>
  error instanceof ItemError && error.code === itemErrors.ITEM_TIMED_OUT.code;

/** An item whose time ran out while an upstream was down goes back. */
const waitedTooLong = (cause: unknown, now: number) =>
  new Postponed(limitErrors.UPSTREAM_RECOVERING, 'The item waited for an upstream', 'upstream', now, cause);

const takenSlice = (id: string, items: number): TakenSlice => ({ id, before: splitFrom(id), items });
