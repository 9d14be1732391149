/** Columns of the widest spreadsheets. A file that asks for more in one row is wrong. */
const maxColumns = 16_384;

interface Row<Piece> {
  cells: Piece[][];
  /** Columns that the last cell takes beyond its own. */
  pending: number;
}

/** Collects the pieces of the cells of tables while a document is read. A cell may hold a table. */
export class TableReader<Piece = string> {
  readonly #rows: Row<Piece>[] = [];

  /** Rows that are open: more than one within a table in a cell. */
  get depth(): number {
    return this.#rows.length;
  }

  startRow(): void {
    this.#rows.push({ cells: [], pending: 0 });
  }

  startCell(): void {
    const row = this.#rows.at(-1);
    if (!row) return;
    this.skip(row.pending);
    row.pending = 0;
    row.cells.push([]);
  }

  /** Makes the cell at hand so many columns wide: empty ones follow, so that what is behind it keeps its place. */
  widen(columns: number): void {
    const row = this.#rows.at(-1);
    if (row) row.pending = Math.max(0, columns - 1);
  }

  /** Says the cell at hand so many times in all. */
  repeat(times: number): void {
    const cell = this.#rows.at(-1)?.cells.at(-1);
    if (cell === undefined || cell.length === 0) this.widen(times);
    else
      for (let left = times; left > 1 && this.columns < maxColumns; left -= 1)
        this.#rows.at(-1)?.cells.push(cell);
  }

  /** Leaves columns empty. */
  skip(columns: number): void {
    const row = this.#rows.at(-1);
    for (let left = columns; row && left > 0 && row.cells.length < maxColumns; left -= 1) row.cells.push([]);
  }

  /** Columns of the row at hand so far. */
  get columns(): number {
    const row = this.#rows.at(-1);
    return row ? row.cells.length + row.pending : 0;
  }

  /** Adds to the cell at hand. */
  add(piece: Piece): void {
    const cells = this.#rows.at(-1)?.cells;
    if (!cells) return;
    const cell = cells.at(-1);
    if (cell) cell.push(piece);
    else cells.push([piece]);
  }

  endRow(): Piece[][] {
    return this.#rows.pop()?.cells ?? [];
  }
}

/** The texts of cells that hold paragraphs. */
export const cellTexts = (cells: readonly (readonly string[])[]): string[] =>
  cells.map((paragraphs) => paragraphs.filter((text) => text !== '').join(' '));
