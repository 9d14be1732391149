import type { ParsedReadOptions } from './options.ts';
import type { Position } from './position.ts';
import type { ReadRow } from './rows.ts';

/** Consecutive rows. */
export interface Batch {
  rows: readonly ReadRow[];
  /** Rows without any value among them, which are no items. */
  blank: number;
  /** After the last of `rows`: reading resumed here yields exactly what comes next. */
  position: Position;
}

/** Collects rows until there are enough for a batch. */
export class Batcher {
  rows: ReadRow[] = [];
  /** Characters of the rows so far that are no longer in the current window. */
  chars = 0;
  /** Rows without any value since the last batch. */
  blank = 0;
  /** Rows in batches so far. */
  taken = 0;
  readonly #rows: number;
  readonly #limit: number;
  readonly #chars: number;

  constructor({ batchSize, limit = Number.POSITIVE_INFINITY, limits }: ParsedReadOptions) {
    this.#rows = batchSize;
    this.#limit = limit;
    this.#chars = limits.maxBatchChars;
  }

  full(charsOfWindow: number): boolean {
    const { length } = this.rows;
    return (
      length >= this.#rows || length + this.taken >= this.#limit || this.chars + charsOfWindow >= this.#chars
    );
  }

  /** Whether anything is left for a last batch. */
  get pending(): boolean {
    return this.rows.length > 0 || this.blank > 0;
  }

  take(position: Position): Batch {
    const { rows, blank } = this;
    this.rows = [];
    this.blank = 0;
    this.chars = 0;
    this.taken += rows.length;
    return { rows, blank, position };
  }
}
