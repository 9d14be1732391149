import { sleep } from '../engine/clock.ts';
import { causesOf } from '../engine/errors.ts';
import { type Lease, LeaseLost } from './job.ts';
import type { Room } from './room.ts';

/** Keeps a lease alive while its holder works. */
export interface Hold {
  /** Aborts when another worker has taken the slice over. */
  readonly lost: AbortSignal;
  /** Tells it that a write was refused because the lease is over. */
  lose(error: LeaseLost): void;
  /** Lets go. Resolves when nothing is sent any more. */
  stop(): Promise<void>;
}

export function holdLease({ ledger, clock, log, settings }: Room, lease: Lease): Hold {
  const lost = new AbortController();
  const stopped = new AbortController();
  const keepAlive = async () => {
    while (!stopped.signal.aborted && !lost.signal.aborted) {
      await sleep(clock, settings.leaseMs / 3, stopped.signal);
      await ledger.renew(lease, clock.now() + settings.leaseMs).catch((error) => {
        if (error instanceof LeaseLost) lost.abort(error);
        else log.warn('lease not renewed', { ...lease, error: causesOf(error) });
      });
    }
  };
  const alive = keepAlive().catch(() => {}); // Ends by the stopping signal.
  return {
    lost: lost.signal,
    lose: (error) => lost.abort(error),
    async stop() {
      stopped.abort();
      await alive;
    },
  };
}
