import type { Outcome } from './job.ts';

/** The invocation that does the work, and its time and memory. */
export interface Invocation {
  /** Name of the function. */
  ranOn: string;
  /** Epoch milliseconds at which work stops; the time after that is for recording and replying. */
  stopAt: number;
  /** How many of `concurrency` slots may be in use now: fewer as memory fills up, none when it is full. */
  slots(concurrency: number): number;
  /** Memory in use, in bytes, for the log. */
  memoryBytes(): number;
  /** Called with outcomes as soon as they are recorded. */
  onRecorded?(outcomes: readonly Outcome[]): void;
}

/** Bytes in the log's unit, MiB. */
export function toMb(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
