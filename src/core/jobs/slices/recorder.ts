import { causesOf } from '../../engine/errors.ts';
import type { Cancelled } from '../model/cancelled.ts';
import type { Outcome } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { lastCheckpointTries } from '../model/retry-policy.ts';
import { type Lease, type Slice, withCode } from '../model/slice.ts';
import type { View } from '../workload.ts';
import { holdLease, LeaseLost, underLease } from './hold-lease.ts';
import { writeOutcomes } from './objects.ts';

/** Records the outcomes of one slice under its lease, and keeps the lease alive. */
export interface Recorder {
  readonly slice: Slice;
  /** Aborts when another worker has taken the slice over. */
  readonly lost: AbortSignal;
  add(outcome: Outcome): void;
  /**
   * Records the remaining outcomes and stops. Resolves to the slice as the ledger has it if every item now has its
   * outcome there, else to undefined. Throws if recording failed; `LeaseLost` if another worker holds the slice now.
   */
  close(): Promise<Slice | undefined>;
}

/**
 * @param pending how many items of the slice have no outcome yet
 * @param checkpointMs outcomes may wait this long to be recorded together; 0 = at once, Infinity = at the end only
 * @param needsReview which successes to count apart; undefined: the workload asks for no review
 * @param onRecorded called with outcomes once they are in the ledger
 */
export function createRecorder(
  jobs: JobsContext,
  slice: Slice,
  lease: Lease,
  pending: number,
  checkpointMs: number,
  needsReview: View['needsReview'],
  onRecorded: (outcomes: readonly Outcome[]) => void = () => {},
): Recorder {
  const { clock, settings } = jobs;
  const hold = holdLease(jobs, lease);
  let waiting: Outcome[] = [];
  let batch: { part: string; outcomes: Outcome[] } | undefined;
  let batches = 0;
  let missing = pending;
  let recorded: Slice | undefined;
  let codes = slice.codes ?? {};
  let flushing: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;

  const leaseUntil = () => clock.now() + settings.leaseMs;
  const unrecorded = () => waiting.length + (batch?.outcomes.length ?? 0);

  const checkpoint = async () => {
    // A failed batch is repeated unchanged, under the same name: it may have been recorded and only its answer lost.
    if (!batch) {
      batch = { part: `${lease.claim}-${batches}`, outcomes: waiting };
      batches += 1;
      waiting = [];
    }
    const { part, outcomes } = batch;
    const failures = outcomes.filter((outcome) => outcome.status === 'failed');
    const failed = failures.length;
    const succeeded = outcomes.length - failed;
    const newCodes = failures.reduce((sum, { error }) => withCode(sum, error.code), codes);
    const done = missing === outcomes.length;
    try {
      await writeOutcomes(jobs.blobs, slice, part, outcomes);
      recorded = underLease(
        lease,
        await jobs.ledger.checkpoint(lease, {
          part,
          succeeded,
          failed,
          codes: newCodes,
          ...(needsReview && { review: outcomes.filter((one) => isReviewed(one, needsReview)).length }),
          leaseUntil: leaseUntil(),
          done,
        }),
      );
    } catch (error) {
      if (error instanceof LeaseLost) hold.lose(error);
      throw error;
    }
    missing -= outcomes.length;
    codes = newCodes;
    batch = undefined;
    onRecorded(outcomes);
    // A finished slice needs no lease, though its worker may continue with others.
    if (done) void hold.stop();
  };

  /** One checkpoint at a time; outcomes that arrive meanwhile go into the next. */
  const flush = () => {
    cancelTimer?.();
    cancelTimer = undefined;
    flushing ??= (async () => {
      try {
        while (unrecorded() > 0) await checkpoint();
      } catch (error) {
        if (!hold.lost.aborted) jobs.log.warn('checkpoint failed', { ...lease, error: causesOf(error) });
      } finally {
        flushing = undefined;
      }
    })();
  };

  return {
    slice,
    lost: hold.lost,
    add(outcome) {
      if (hold.lost.aborted) return;
      waiting.push(outcome);
      if (checkpointMs === 0) flush();
      else if (Number.isFinite(checkpointMs)) cancelTimer ??= clock.after(checkpointMs, flush);
    },
    async close() {
      cancelTimer?.();
      await hold.stop();
      await flushing;
      for (let tries = 1; unrecorded() > 0 && !hold.lost.aborted; tries += 1) {
        try {
          await checkpoint();
        } catch (error) {
          if (tries >= lastCheckpointTries) throw error;
        }
      }
      hold.lost.throwIfAborted();
      return missing === 0 ? (recorded ?? (await fresh(jobs, lease))) : undefined;
    },
  };
}

/** Whether an outcome counts as one that needs review. */
export function isReviewed(outcome: Outcome | Cancelled, needsReview: View['needsReview']): boolean {
  return outcome.status === 'succeeded' && needsReview?.(outcome.output) === true;
}

/** The slice as the ledger has it now. */
async function fresh(jobs: JobsContext, lease: Lease): Promise<Slice> {
  const slice = await jobs.ledger.slice(lease);
  if (!slice) throw new Error(`Slice ${lease.sliceId} of ${lease.jobId} has vanished from the ledger`);
  return slice;
}
