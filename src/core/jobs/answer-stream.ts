import { causesOf } from '../engine/errors.ts';
import { type AnswerTimes, answer } from './answer.ts';
import type { Invocation } from './model/invocation.ts';
import type { Job, JobState, Outcome } from './model/job.ts';
import type { JobsContext } from './model/jobs-context.ts';
import type { Submission } from './submit.ts';
import { currentState, pollEveryMs } from './views/current-state.ts';
import { NewOutcomes } from './views/new-outcomes.ts';
import { isOpen } from './views/view.ts';

/** The job as accepted; each item's outcome, once; the job's last known state. */
export type AnswerPart =
  | { kind: 'job'; job: Job }
  | { kind: 'outcome'; outcome: Outcome }
  | { kind: 'end'; state: JobState };

export interface StreamTimes extends AnswerTimes {
  /** Epoch milliseconds until which to report outcomes, from this worker and from others. */
  until: number;
}

/**
 * Answers a batch in parts: yields each outcome once it is recorded, by {@link answer} here or by other workers, until
 * the job ends or the time is up. If the caller disconnects (`signal`), the job continues: the generator ends only when
 * the items that run here are finished or handed on.
 * Throws as `answer` does, and only before the first part.
 */
export async function* streamAnswer(
  jobs: JobsContext,
  invocation: Invocation,
  submission: Submission,
  times: StreamTimes,
  signal: AbortSignal,
): AsyncGenerator<AnswerPart> {
  const { clock, log } = jobs;
  const own: Outcome[] = [];
  const bell = new Bell();
  const onRecorded = (outcomes: readonly Outcome[]) => {
    own.push(...outcomes);
    bell.ring();
  };
  signal.addEventListener('abort', () => bell.ring(), { once: true });
  const accepted = Promise.withResolvers<Job>();
  let nextLook = Math.min(clock.now() + pollEveryMs, times.until);
  const working = answer(jobs, { ...invocation, onRecorded }, submission, times, accepted.resolve).then(
    () => {
      nextLook = 0;
      bell.ring();
    },
    accepted.reject,
  );
  try {
    const job = await accepted.promise;
    yield { kind: 'job', job };
    const newOutcomes = new NewOutcomes(jobs);
    let state: JobState = { job, slices: [], tasks: [], settled: new Set() };
    while (!signal.aborted) {
      for (const outcome of newOutcomes.among(own.splice(0))) yield { kind: 'outcome', outcome };
      if (clock.now() >= nextLook) {
        state = (await currentState(jobs, job.id, times.until)) ?? state;
        let complete = true;
        try {
          for await (const outcome of newOutcomes.in(state)) yield { kind: 'outcome', outcome };
        } catch (error) {
          complete = false;
          log.warn('outcomes not read', { jobId: job.id, error: causesOf(error) });
        }
        const ended = !isOpen(state) && complete;
        if (ended || clock.now() + pollEveryMs >= times.until) break;
        nextLook = clock.now() + pollEveryMs;
      }
      await bell.rings(jobs, nextLook - clock.now());
    }
    if (!signal.aborted) yield { kind: 'end', state };
  } finally {
    await working;
  }
}

/** Wakes one sleeper. A ring while nothing sleeps wakes the next sleeper at once. */
class Bell {
  #rung = Promise.withResolvers<void>();

  ring(): void {
    this.#rung.resolve();
  }

  /** Settles at the next ring, or after `ms`. */
  async rings({ clock }: JobsContext, ms: number): Promise<void> {
    const cancel = clock.after(ms, () => this.ring());
    await this.#rung.promise;
    cancel();
    this.#rung = Promise.withResolvers<void>();
  }
}
