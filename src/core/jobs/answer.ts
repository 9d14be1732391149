import { sleep } from '../engine/clock.ts';
import { causesOf, SpillwayError } from '../engine/errors.ts';
import { finishTimes } from '../engine/finish-times.ts';
import type { Invocation } from './model/invocation.ts';
import type { Job, JobState, Outcome } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import { forJob } from './model/job-log.ts';
import { type JobsContext, workloadOf } from './model/jobs-context.ts';
import type { Claimed, Slice } from './model/slice.ts';
import { limitsOf } from './model/workload-limits.ts';
import { runTask } from './run-task.ts';
import { type Expectation, loadExpectation } from './slices/expectation.ts';
import { startable } from './slices/lanes.ts';
import { readOutcomes } from './slices/objects.ts';
import { releaseStopped } from './slices/stop.ts';
import { workOn } from './slices/work.ts';
import { type Submission, submit } from './submit.ts';

/** How long the caller waits. Epoch milliseconds. */
export interface AnswerTimes {
  /** When the caller wants the answer, complete or not. Work stops earlier, at the invocation's `stopAt`. */
  replyBy: number;
  /** The latest time for the answer: recording the job may outlast `replyBy`, but not this. */
  latest: number;
  /** By this time the platform has certainly ended the invocation. */
  goneAt: number;
  /** Run no items here: record the job, hand it on, answer. */
  async: boolean;
}

export interface Answer {
  state: JobState;
  /** The known outcomes, from this worker and all others, in the order of the items. */
  outcomes: Outcome[];
  /** True if an earlier request with the same idempotency key created the job. */
  existed: boolean;
  /** Milliseconds from the start until the job was recorded, and until this answer. */
  timings: { recordedMs: number; totalMs: number };
}

/** Milliseconds between looks at other workers' progress while there is nothing to do here. */
const lookAgainMs = 300;

/**
 * Records a batch, runs here the items that fit the caller's time while other workers run the rest, and answers with
 * all outcomes known by then. It answers in time even if calls hang: without the ledger, the answer holds what this
 * worker knows by itself. Throws `NOT_RECORDED` if not even recording finished in time. Calls `onAccepted` as soon as
 * the job is recorded.
 */
export async function answer(
  jobs: JobsContext,
  invocation: Invocation,
  submission: Submission,
  times: AnswerTimes,
  onAccepted: (job: Job) => void = () => {},
): Promise<Answer> {
  const latest = alarm(jobs, times.latest);
  const replyBy = alarm(jobs, times.replyBy);
  try {
    const begun = await Promise.race([begin(jobs, invocation, submission, times), latest.rings]);
    if (begun !== late) {
      onAccepted(begun.job);
      return await finish(forJob(jobs, begun.job.id), invocation, begun, times, replyBy.rings);
    }
    throw new SpillwayError(jobErrors.NOT_RECORDED, 'The job was not recorded in time');
  } finally {
    latest.cancel();
    replyBy.cancel();
  }
}

const late = Symbol('late');

function alarm({ clock }: JobsContext, at: number) {
  const { promise, resolve } = Promise.withResolvers<typeof late>();
  return { rings: promise, cancel: clock.after(at - clock.now(), () => resolve(late)) };
}

/** Runs the kept slices, helps with others, and collects the outcomes when all is done or the caller's time is up. */
async function finish(
  jobs: JobsContext,
  invocation: Invocation,
  { job, claimed, existed, expectation, fits, startedAt }: Begun,
  times: AnswerTimes,
  tooLate: Promise<typeof late>,
): Promise<Answer> {
  const { clock, log } = jobs;
  const recordedAt = clock.now();
  const own: Outcome[] = [];
  const byItself = {
    state: { job, slices: [] as Slice[], tasks: [], settled: new Set<string>() },
    outcomes: own,
  };
  const workAndRead = async () => {
    if (claimed.length > 0) own.push(...(await workOn(jobs, invocation, job, claimed, expectation)));
    if (!times.async) {
      for await (const outcomes of helpOut(jobs, invocation, job.id, expectation, fits))
        own.push(...outcomes);
    }
    const state = await jobs.ledger.state(job.id);
    return state ? { state, outcomes: await collect(jobs, state, own) } : byItself;
  };
  const read = workAndRead().catch((error) => {
    log.error('answered without the ledger', { jobId: job.id, error: causesOf(error) });
    return byItself;
  });
  const seen = await Promise.race([read, tooLate]);
  if (seen === late || seen === byItself) byItself.state.slices = tally(claimed, own);
  return {
    ...(seen === late ? byItself : seen),
    existed,
    timings: { recordedMs: recordedAt - startedAt, totalMs: clock.now() - startedAt },
  };
}

type Begun = Awaited<ReturnType<typeof begin>>;

/** Predicts how many slices fit the budget, records the job, and keeps that many. */
async function begin(jobs: JobsContext, invocation: Invocation, submission: Submission, times: AnswerTimes) {
  const startedAt = jobs.clock.now();
  const workload = workloadOf(jobs, submission.workload);
  const { concurrency, sliceSize } = limitsOf(workload, submission.options);
  const { items } = submission;
  const expectation = await loadExpectation(jobs, workload, invocation.ranOn);
  /** How many of these items would finish in time if they started now. */
  const fitting = (some: readonly unknown[], expectedMs: (item: unknown, rank: number) => number) => {
    const ends = finishTimes(some.length, concurrency, (index, rank) => expectedMs(some[index], rank));
    return ends.filter((end) => jobs.clock.now() + end <= invocation.stopAt).length;
  };
  const keep = times.async ? 0 : wholeSlices(fitting(items, expectation.typicalMs), items.length, sliceSize);
  const submitted = await submit(jobs, submission, keep, {
    waitUntil: invocation.stopAt,
    goneAt: times.goneAt,
  });
  const fits = ({ from, span }: Slice) =>
    fitting(items.slice(from, from + span), expectation.atMostMs) === span;
  return { ...submitted, expectation, fits, startedAt };
}

/** Whole slices among the first `items` of `total`. At least one, since a prediction that nothing fits may be wrong. */
function wholeSlices(items: number, total: number, sliceSize: number): number {
  return items === total ? Math.ceil(total / sliceSize) : Math.max(1, Math.floor(items / sliceSize));
}

/**
 * Until the budget or the job ends: claims slices that no worker has claimed yet, from the end of the job, which the
 * queue reaches last. Waits while none fits.
 */
async function* helpOut(
  jobs: JobsContext,
  invocation: Invocation,
  jobId: string,
  expectation: Expectation,
  fits: (slice: Slice) => boolean,
): AsyncGenerator<Outcome[]> {
  const { ledger, clock, settings } = jobs;
  for (let now = clock.now(); now < invocation.stopAt; now = clock.now()) {
    const state = await ledger.state(jobId);
    if (state?.job.status !== 'running') return;
    const next = startable(state.slices, state.job.maxWorkers).findLast(
      (slice) => slice.status === 'queued' && slice.claims === 0 && fits(slice),
    );
    if (next && invocation.slots(1) > 0) {
      const claim = await ledger.claim(
        { jobId, sliceId: next.id },
        { now, leaseUntil: now + settings.leaseMs },
      );
      if (claim.kind !== 'slice') continue;
      if (await ledger.isStopped(jobId, state.job.rounds ?? 0)) return releaseStopped(jobs, claim.lease);
      yield await workOn(jobs, invocation, state.job, [claim], expectation);
    } else if (!(await finishHere(jobs, invocation, state))) {
      await sleep(clock, Math.min(lookAgainMs, invocation.stopAt - now));
    }
  }
}

/** Writes the job's files if they are due and no worker has begun, so that the caller need not wait for the queue. */
async function finishHere(
  jobs: JobsContext,
  invocation: Invocation,
  { job, tasks }: JobState,
): Promise<boolean> {
  const task = tasks.find(
    ({ task, status, claims }) => task === 'write-output' && status === 'queued' && claims === 0,
  );
  if (!task) return false;
  const now = jobs.clock.now();
  const times = { now, leaseUntil: now + jobs.settings.leaseMs };
  const claim = await jobs.ledger.claim({ jobId: job.id, sliceId: task.id }, times);
  if (claim.kind === 'task') await runTask(jobs, invocation, job, claim);
  return true;
}

/** This worker's slices, with counts from its own outcomes, for an answer without the ledger. */
function tally(claimed: readonly Claimed[], own: readonly Outcome[]): Slice[] {
  return claimed.map(({ slice }) => {
    const mine = own.filter(({ index }) => index >= slice.from && index < slice.from + slice.span);
    const succeeded = mine.filter(({ status }) => status === 'succeeded').length;
    return { ...slice, succeeded, failed: mine.length - succeeded };
  });
}

/** Outcomes of all workers. Reads only those that this worker does not already have. */
async function collect(jobs: JobsContext, { slices }: JobState, own: readonly Outcome[]): Promise<Outcome[]> {
  const inHand = new Map(own.map((outcome) => [outcome.index, outcome]));
  const others = slices.filter(({ from, span, parts }) => {
    for (let index = from; index < from + span; index += 1) if (!inHand.has(index)) return parts.length > 0;
    return false;
  });
  for (const outcome of await readOutcomes(jobs.blobs, others)) inHand.set(outcome.index, outcome);
  return [...inHand.values()].sort((a, b) => a.index - b.index);
}
