import type { Outcome } from './job.ts';

/** The invocation that does the work, and what it may use. */
export interface Invocation {
  /** Name of the function. */
  ranOn: string;
  /** Epoch milliseconds at which work stops; what follows is for recording and replying. */
  stopAt: number;
  /** How many of so many slots may be in use just now: fewer as memory fills up, none when it is full. */
  slots(concurrency: number): number;
  /** Memory in use, in bytes, for the log. */
  memoryBytes(): number;
  /** Is told of outcomes as soon as they are recorded. */
  onRecorded?(outcomes: readonly Outcome[]): void;
}

/** Bytes as they are logged. */
export function toMb(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
