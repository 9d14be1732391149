import { SpillwayError } from '../../engine/errors.ts';
import type { WaitingBoard } from '../../engine/waiting.ts';
import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { clearTrouble, noteTrouble, noteWait } from './trouble.ts';

/** Milliseconds between looks at what items wait for. */
const lookEveryMs = 1_000;
/** Milliseconds without a success after which a wait is told: calls wait for their turn all the time. */
const stillAfterMs = 3_000;
/** Milliseconds after which an error that still comes is told again, with how often. */
const againAfterMs = 15_000;

/** Tells the job's followers why nothing goes on in this worker. */
export interface Standstill {
  /** An item has succeeded. */
  wentOn(): void;
  /** Ends the watch. Resolves once all is recorded. */
  end(): Promise<void>;
}

export function watchStandstill(jobs: JobsContext, job: Job, board: WaitingBoard): Standstill {
  const { clock, log } = jobs;
  let movedAt = clock.now();
  let told: { what: string; at: number; errors: number } | undefined;
  /** Whether the job's record says that it waits. */
  let shown = job.waitingFor !== undefined || job.lastError !== undefined;
  let recording = Promise.resolve();
  let cancelTimer = () => {};
  const record = (work: () => Promise<unknown>) => {
    recording = recording.then(work).then(() => {});
  };

  const look = () => {
    cancelTimer = clock.after(lookEveryMs, look);
    const now = clock.now();
    const { wait, error } = board;
    if (wait?.kind !== 'upstream' && now - movedAt < stillAfterMs) return;
    if (!wait && !error) return;
    const what = JSON.stringify([wait?.kind, wait?.name, error?.failure.code]);
    if (told?.what === what && now - told.at < againAfterMs) return;
    const errorsBefore = told?.errors ?? 0;
    const count = (error?.count ?? 0) - errorsBefore;
    if (told?.what !== what) {
      log.warn('job waits', {
        jobId: job.id,
        ...(wait && { waitingFor: wait }),
        ...(error && { lastError: error }),
      });
    }
    told = { what, at: now, errors: error?.count ?? 0 };
    shown = true;
    if (wait) record(() => noteWait(jobs, job.id, wait));
    if (error && count > 0) {
      const { code, message } = error.failure;
      const { since } = error;
      record(() => noteTrouble(jobs, job.id, new SpillwayError(code, message), { since, count }));
    }
  };
  cancelTimer = clock.after(lookEveryMs, look);

  return {
    wentOn() {
      movedAt = clock.now();
      board.wentOn();
      told = undefined;
      if (!shown) return;
      shown = false;
      record(() => clearTrouble(jobs, job.id));
    },
    async end() {
      cancelTimer();
      await recording;
    },
  };
}
