import type { Row } from '../../formats/rows.ts';
import { type Warning, warning } from '../../formats/warning.ts';

/** The most columns to name: the record of a task must stay small. */
const mostNames = 10;
const longestName = 60;

/** What a table has no columns for, so far. Survives JSON. */
export interface LeftOut {
  /** Rows with such values. */
  rows: number;
  /** The names of some of their columns, cut where they are long. */
  names: readonly string[];
}

/** Counts the rows of a table with values that its columns do not take. */
export class LeftOutValues {
  readonly #columns: readonly string[];
  readonly #known: ReadonlySet<string>;
  readonly #names: Set<string>;
  #rows: number;

  constructor(columns: readonly string[], before: LeftOut = { rows: 0, names: [] }) {
    this.#columns = columns;
    this.#known = new Set(columns);
    this.#names = new Set(before.names);
    this.#rows = before.rows;
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) if (this.#lacks(row)) this.#rows += 1;
  }

  get soFar(): LeftOut | undefined {
    return this.#rows === 0 ? undefined : { rows: this.#rows, names: [...this.#names] };
  }

  /** Whether a value of the row has no column. Rows mostly have all columns in their order. */
  #lacks(row: Row): boolean {
    let at = 0;
    let found = false;
    for (const name in row) {
      if (name === this.#columns[at++] || this.#known.has(name) || isEmpty(row[name])) continue;
      found = true;
      if (this.#names.size < mostNames) this.#names.add(name.slice(0, longestName));
    }
    return found;
  }
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';

/** The warning about a file. */
export function warningOf(file: 'output' | 'errors', { rows, names }: LeftOut): Warning {
  const some = rows === 1 ? 'of one row' : `of ${rows} rows`;
  const more = names.length === mostNames ? ', …' : '';
  return warning(
    'COLUMNS_LEFT_OUT',
    `The ${file} file has no columns for some values ${some}, which JSON Lines would keep: ${names.join(', ')}${more}`,
  );
}
