import { SpillwayError } from '../engine/errors.ts';
import { namesOf } from '../json/shape.ts';
import { checkHeader, withNames } from './columns.ts';
import { formatErrors } from './format-errors.ts';
import type { Row } from './rows.ts';

/** Rows in the order in which they are written, in groups of any size. Closed when writing ends early. */
export type RowSource = AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;

/** Serves the rows of a source in portions of any size. */
export class RowFeed {
  readonly #source: AsyncIterator<readonly Row[]> | Iterator<readonly Row[]>;
  #batch: readonly Row[] = [];
  #taken = 0;
  /** Rows served so far. */
  #count = 0;
  /** If set, a row with any other column is refused. */
  #known: ReadonlySet<string> | undefined;

  constructor(source: RowSource) {
    this.#source =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** Whether there is another row. */
  async ready(): Promise<boolean> {
    while (this.#taken === this.#batch.length) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#batch = next.value;
      this.#taken = 0;
    }
    return true;
  }

  /** The requested columns; otherwise those of the first row, and then no later row may have others. */
  async columns(asked: readonly string[] | undefined): Promise<readonly string[]> {
    let columns = asked;
    if (!columns) {
      columns = (await this.ready()) ? namesOf(this.#batch[this.#taken] ?? {}) : [];
      this.#known = new Set(columns);
    }
    checkHeader(withNames(columns), 1);
    return columns;
  }

  /** The next rows, at least one and at most `most`; none at the end. Throws `UNKNOWN_COLUMN`. */
  async take(most = Number.POSITIVE_INFINITY): Promise<readonly Row[]> {
    if (!(await this.ready())) return [];
    const rows =
      this.#taken === 0 && this.#batch.length <= most
        ? this.#batch
        : this.#batch.slice(this.#taken, this.#taken + most);
    this.#taken += rows.length;
    if (this.#known) this.#check(rows, this.#known);
    this.#count += rows.length;
    return rows;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  #check(rows: readonly Row[], known: ReadonlySet<string>): void {
    for (const [index, row] of rows.entries()) {
      for (const column in row) {
        if (known.has(column)) continue;
        const number = this.#count + index + 1;
        throw new SpillwayError(
          formatErrors.UNKNOWN_COLUMN,
          `Row ${number} has a column "${column}", which the first row lacks: say which columns to write`,
          { details: { row: number, column } },
        );
      }
    }
  }
}
