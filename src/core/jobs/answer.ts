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

/** How long the caller is kept. Epoch milliseconds. */
export interface AnswerTimes {
  /** When the caller wants the answer, whatever is known. Work stops earlier, at the invocation's `stopAt`. */
  replyBy: number;
  /** When it must leave at the latest: recording may take longer than the caller wants, but not than this. */
  latest: number;
  /** After this the platform has certainly ended the invocation. */
  goneAt: number;
  /** Do nothing here: record the job, hand it on, answer. */
  async: boolean;
}

export interface Answer {
  state: JobState;
  /** What is known to be settled, by this worker or any other, in the order of the items. */
  outcomes: Outcome[];
  /** True when an earlier request with the same idempotency key had made the job. */
  existed: boolean;
  /** Milliseconds from the start until the job was recorded, and until this answer. */
  timings: { recordedMs: number; totalMs: number };
}

/** How often to look what other workers have finished while there is nothing to do here. */
const lookAgainMs = 300;

/**
 * Records a batch, does here what fits the caller's time, lets other workers do the rest meanwhile, and answers with
 * everything that any of them has finished by then. In time, whatever hangs: without the ledger it answers with what
 * this worker knows by itself; throws `NOT_RECORDED` when not even recording got done. `onAccepted` is called as soon as
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

/** Works on what was kept, helps out, and gathers what is known when all is done or the caller's time is up. */
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

/** Predicts what fits, records the job, and keeps so much of it. */
async function begin(jobs: JobsContext, invocation: Invocation, submission: Submission, times: AnswerTimes) {
  const startedAt = jobs.clock.now();
  const workload = workloadOf(jobs, submission.workload);
  const { concurrency, sliceSize } = limitsOf(workload, submission.options);
  const { items } = submission;
  const expectation = await loadExpectation(jobs, workload, invocation.ranOn);
  /** How many of these items would be done in time if they started now. */
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

/** Whole slices among the first `items` of `total`; at least one, even if nothing seems to fit: that may be wrong. */
function wholeSlices(items: number, total: number, sliceSize: number): number {
  return items === total ? Math.ceil(total / sliceSize) : Math.max(1, Math.floor(items / sliceSize));
}

/**
 * Until the budget ends or the job does: takes slices that no worker has touched yet, from the end of the job, where
 * the queue arrives last; waits while there are none that fit.
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

/** Puts the job's files together, if it is time and nobody else has begun: the caller need not wait for the queue. */
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

/** The slices of this worker with the counts of what it has done, for an answer without the ledger. */
function tally(claimed: readonly Claimed[], own: readonly Outcome[]): Slice[] {
  return claimed.map(({ slice }) => {
    const mine = own.filter(({ index }) => index >= slice.from && index < slice.from + slice.span);
    const succeeded = mine.filter(({ status }) => status === 'succeeded').length;
    return { ...slice, succeeded, failed: mine.length - succeeded };
  });
}

/** Outcomes of all workers: those that this one has in hand need not be read back. */
async function collect(jobs: JobsContext, { slices }: JobState, own: readonly Outcome[]): Promise<Outcome[]> {
  const inHand = new Map(own.map((outcome) => [outcome.index, outcome]));
  const others = slices.filter(({ from, span, parts }) => {
    for (let index = from; index < from + span; index += 1) if (!inHand.has(index)) return parts.length > 0;
    return false;
  });
  for (const outcome of await readOutcomes(jobs.blobs, others)) inHand.set(outcome.index, outcome);
  return [...inHand.values()].sort((a, b) => a.index - b.index);
}
