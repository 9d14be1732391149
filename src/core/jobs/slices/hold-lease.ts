import { sleep } from '../../engine/clock.ts';
import { causesOf, SpillwayError } from '../../engine/errors.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import type { Lease } from '../model/slice.ts';
import type { Change } from '../model/slice-life.ts';

/** Another worker has a newer claim on the slice: what this worker knows about it no longer holds. */
export class LeaseLost extends SpillwayError {
  constructor(lease: Lease) {
    super(jobErrors.LEASE_LOST, `Claim ${lease.claim} on slice ${lease.sliceId} of ${lease.jobId} is over`);
  }
}

/** The record after a transition under a lease. Throws {@link LeaseLost} if the transition was refused. */
export function underLease<Record>(lease: Lease, change: Change<Record>): Record {
  if ('refused' in change) throw new LeaseLost(lease);
  return change.to;
}

/** Keeps a lease alive while its holder works. */
export interface Hold {
  /** Aborts when another worker has taken the slice over. */
  readonly lost: AbortSignal;
  /** Reports that a write was refused because the lease is over. */
  lose(error: LeaseLost): void;
  /** Stops renewing. Resolves when no renewal is under way. */
  stop(): Promise<void>;
}

export function holdLease({ ledger, clock, log, settings }: JobsContext, lease: Lease): Hold {
  const lost = new AbortController();
  const stopped = new AbortController();
  const keepAlive = async () => {
    while (!stopped.signal.aborted && !lost.signal.aborted) {
      await sleep(clock, settings.leaseMs / 3, stopped.signal);
      try {
        const renewed = await ledger.renew(lease, clock.now() + settings.leaseMs);
        if ('refused' in renewed) lost.abort(new LeaseLost(lease));
      } catch (error) {
        log.warn('lease not renewed', { ...lease, error: causesOf(error) });
      }
    }
  };
  const alive = keepAlive().catch(() => {}); // The stop signal ends it by rejecting.
  return {
    lost: lost.signal,
    lose: (error) => lost.abort(error),
    async stop() {
      stopped.abort();
      await alive;
    },
  };
}
