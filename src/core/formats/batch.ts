import type { ParsedReadOptions } from './options.ts';
import type { Position } from './position.ts';
import type { ReadRow } from './rows.ts';

/** Rows that follow one another. */
export interface Batch {
  rows: readonly ReadRow[];
  /** After the last one of `rows`: reading resumed here yields exactly what comes next. */
  position: Position;
}

/** Collects rows until they are enough for a batch. */
export class Batcher {
  rows: ReadRow[] = [];
  /** Of the rows so far, as far as they are not in the current window. */
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
