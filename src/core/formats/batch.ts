import type { ParsedReadOptions } from './options.ts';
import type { Position } from './position.ts';
import type { ReadRow } from './rows.ts';

/** Consecutive rows. */
export interface Batch {
  rows: readonly ReadRow[];
  /** After the last of `rows`: reading resumed here yields exactly what comes next. */
  position: Position;
}

/** Collects rows until there are enough for a batch. */
export class Batcher {
  rows: ReadRow[] = [];
  /** Characters of the rows so far that are no longer in the current window. */
  chars = 0;
  /** Batches so far. */
  taken = 0;
  readonly #rows: number;
  readonly #chars: number;

  constructor({ batchSize, limits }: ParsedReadOptions) {
    this.#rows = batchSize;
    this.#chars = limits.maxBatchChars;
  }

  full(charsOfWindow: number): boolean {
    return this.rows.length >= this.#rows || this.chars + charsOfWindow >= this.#chars;
  }

  take(position: Position): Batch {
    const { rows } = this;
    this.rows = [];
    this.chars = 0;
    this.taken++;
    return { rows, position };
  }
}
