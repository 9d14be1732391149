import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from './clock.ts';
import type { Failure } from './errors.ts';

/**
 * What work can wait for in place. `upstream`: it is down. `rate`: the turn at a shared rate. `memory`: that running
 * items free some. `lane`: one of the places for simultaneous calls that all workers share.
 */
export type WaitKind = 'upstream' | 'rate' | 'memory' | 'lane';

/** Something that work waits for. */
export interface Wait {
  kind: WaitKind;
  /** Of the upstream, the rate, the places or the machine. */
  name: string;
  /** Epoch milliseconds. */
  since: number;
}

/** An error that came again and again. `since`: epoch milliseconds of the first. */
export interface Recurring {
  failure: Failure;
  since: number;
  count: number;
}

/** The more telling kinds first. */
const kinds: readonly WaitKind[] = ['upstream', 'memory', 'rate', 'lane'];

/** What a worker's items of one job wait for at the moment, and what last went wrong. */
export class WaitingBoard {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();
  #error: Recurring | undefined;
  #downAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The most telling wait; of one kind, the longest. */
  get wait(): Wait | undefined {
    const [first] = [...this.#waits].sort(
      (a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.since - b.since,
    );
    return first;
  }

  /** What last went wrong without failing an item; undefined once work has gone on. */
  get error(): Recurring | undefined {
    return this.#error;
  }

  enter(wait: Wait): () => void {
    this.#waits.add(wait);
    return () => {
      this.#waits.delete(wait);
      if (wait.kind === 'upstream') this.#downAt = this.#clock.now();
    };
  }

  erred(failure: Failure): void {
    const before = this.#error?.failure.code === failure.code ? this.#error : undefined;
    const { since = this.#clock.now(), count = 0 } = before ?? {};
    this.#error = { failure, since, count: count + 1 };
  }

  wentOn(): void {
    this.#error = undefined;
  }

  /** Whether an upstream was waited for at any time since `from` (epoch milliseconds). */
  wasDown(from: number): boolean {
    return this.#downAt >= from || this.wait?.kind === 'upstream';
  }
}

const boards = new AsyncLocalStorage<WaitingBoard>();

/** Runs work whose waits, however deep, show on the board. */
export const onBoard = <T>(board: WaitingBoard, work: () => Promise<T>): Promise<T> =>
  boards.run(board, work);

/** Shows that the present work waits. Returns what ends the wait. */
export const waitsFor = (wait: Wait): (() => void) => boards.getStore()?.enter(wait) ?? (() => {});

/** Shows an error that holds the present work up without failing it. */
export const heldUpBy = (failure: Failure): void => boards.getStore()?.erred(failure);
