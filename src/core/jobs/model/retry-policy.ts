import { postponedIn, SpillwayError } from '../../engine/errors.ts';

/**
 * Every ceiling, back-off and delay of a job's life, and what decides between them. Calls to upstreams have theirs in
 * their definitions; calls to AWS in `src/aws/retries.ts`.
 */

/**
 * What kind of fault an error is. `transient`: something has to be waited for; hand on, no attempt is used up. `final`:
 * trying again changes nothing; say so at once. `unknown`: a bounded number of attempts.
 */
export type Fault = 'transient' | 'final' | 'unknown';

/** Nothing else decides about retries of slices and tasks. */
export function faultOf(error: unknown): Fault {
  if (postponedIn(error)) return 'transient';
  return error instanceof SpillwayError && !error.retryable ? 'final' : 'unknown';
}

/** Defaults of the ceilings that configuration may change. */
export const ceilings = {
  /** Times that a slice may be handed on: at 5 minutes a worker, an item that takes over an hour and a half never fits. */
  maxHops: 20,
  /** Times that a slice may wait for an upstream, at up to five minutes each: two days or so. */
  maxWaits: 500,
  /** Workers that may die on a single item, or on the cutting of a file, in a row: two may be chance. */
  maxCrashes: 3,
  /** Seconds without a sign of life after which a worker has lost what it held. */
  leaseSeconds: 60,
} as const;

/**
 * Workers that may die, or fail, in a row while a job's output is written before that is given up. At a lease each that
 * is some twenty minutes: what is asked for here is all that the job was for.
 */
export const maxOutputCrashes = 20;

/** SQS holds a message back for at most 15 minutes. Seconds. */
export const longestDelay = 900;

/** Seconds until a worker looks again whether the others of a stopped job have let go. */
export const windUpPause = 1;

/** Seconds until a message comes again whose slice could not even be looked up. */
export const lookUpPause = 15;

/** A checkpoint that fails is tried again with the next outcome, and this often when the slice is closed. */
export const lastCheckpointTries = 3;

/**
 * Seconds to wait for the service's own store, table or queue: after a second, then ever later. The SDK has used up its
 * attempts by then; five minutes lose little of an outage that is so long.
 * @param waits how often the slice has waited before
 */
export function ownTroublePause(waits: number): number {
  return Math.min(300, 2 ** waits);
}

/**
 * Seconds to wait for an upstream that is down: less than 15 would only take the probe from others.
 * @param waits how often the slice has waited before
 */
export function outagePause(waits: number): number {
  return Math.min(300, 15 * 2 ** waits);
}

/**
 * Seconds until a slice comes again whose outcomes could not be recorded for an unknown reason: they are made anew.
 * @param hops how often the slice was handed on before
 */
export function unrecordedPause(hops: number): number {
  return Math.min(longestDelay, 2 ** hops);
}

/**
 * Seconds from a webhook's try that failed to the next: four hours in all, most of it at the longest pause that the
 * queue knows. After the last, it has failed.
 */
export const noticePauses: readonly number[] = [
  5,
  30,
  120,
  ...Array.from({ length: 16 }, () => longestDelay),
];

/**
 * Leases after which a queued slice that nobody took gets a second message; each further one takes twice as long. In a
 * queue where messages wait, its own is probably among them. In an empty one it was received by a worker that died
 * before it could say so, and would not be seen again for as long as messages stay invisible.
 */
export const resendAfterLeases = { emptyQueue: 1, otherwise: 5 } as const;

/** Milliseconds after which a job that is announced but not recorded never will be: its request has died. */
export const stillbornAfterMs = 15 * 60_000;
