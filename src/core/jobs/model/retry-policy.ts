import { postponedIn, SpillwayError } from '../../engine/errors.ts';

/**
 * Every ceiling, back-off and delay of a job's life, and the classes of faults that select them. Each upstream's
 * definition has its own; `src/aws/retries.ts` has those of calls to AWS.
 */

/**
 * The class of an error. `transient`: the work must wait; hand it on without using up an attempt. `final`: a retry
 * cannot help; fail at once. `unknown`: retry a bounded number of times.
 */
export type Fault = 'transient' | 'final' | 'unknown';

/** The only place that decides whether slices and tasks are retried. */
export function faultOf(error: unknown): Fault {
  if (postponedIn(error)) return 'transient';
  return error instanceof SpillwayError && !error.retryable ? 'final' : 'unknown';
}

/** Ceilings that configuration may change: their defaults. */
export const ceilings = {
  /** Hops of a slice: at 5 minutes per worker, an item that has not finished in over an hour and a half never will. */
  maxHops: 20,
  /** Waits of a slice for an upstream, up to five minutes each: about two days. */
  maxWaits: 500,
  /** Workers in a row that may die on a single item, or while they cut a file: two may be coincidence. */
  maxCrashes: 3,
  /** Seconds without a sign of life after which a worker loses its slice or task. */
  leaseSeconds: 60,
} as const;

/**
 * Workers in a row that may die or fail while they write a job's output. At one lease each, that is about twenty
 * minutes. The ceiling is high because the output is what the whole job was for.
 */
export const maxOutputCrashes = 20;

/** The longest delay of a message in SQS: 15 minutes, in seconds. */
export const longestDelay = 900;

/** Seconds until a worker checks again whether the other workers of a stopped job have released their slices. */
export const windUpPause = 1;

/** Seconds until a message comes again if its slice could not even be looked up. */
export const lookUpPause = 15;

/** Tries of the checkpoint that closes a slice. Any other checkpoint that fails is retried with the next outcome. */
export const lastCheckpointTries = 3;

/**
 * Seconds to wait for the service's own store, table or queue: one second at first, then twice as long each time. The
 * SDK has used up its attempts by then. At most five minutes: in an outage that long, so short a delay hardly matters.
 * @param waits how often the slice has waited before
 */
export function ownTroublePause(waits: number): number {
  return Math.min(300, 2 ** waits);
}

/**
 * Seconds to wait for an upstream that is down. With less than 15, the slice would only take the probe from others.
 * @param waits how often the slice has waited before
 */
export function outagePause(waits: number): number {
  return Math.min(300, 15 * 2 ** waits);
}

/**
 * Seconds until a slice comes again if its outcomes could not be recorded for an unknown reason: its items run again.
 * @param hops how often the slice was handed on before
 */
export function unrecordedPause(hops: number): number {
  return Math.min(longestDelay, 2 ** hops);
}

/**
 * Seconds from each failed try of a webhook to the next: four hours in all, mostly at the queue's longest delay. After
 * the last try, the notice has failed.
 */
export const noticePauses: readonly number[] = [
  5,
  30,
  120,
  ...Array.from({ length: 16 }, () => longestDelay),
];

/**
 * Leases after which a queued slice that no worker claimed gets a second message; each further one takes twice as long.
 * In a queue where messages wait, the slice's own is probably among them. If the queue is empty, a worker received the
 * message and died before it claimed the slice; the message stays hidden until its visibility timeout ends.
 */
export const resendAfterLeases = { emptyQueue: 1, otherwise: 5 } as const;

/** Milliseconds after which a job that is announced but not recorded never will be: its request is dead. */
export const stillbornAfterMs = 15 * 60_000;
