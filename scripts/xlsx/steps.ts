import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openRows } from '../../src/core/formats/open-rows.ts';
import { writeRows } from '../../src/core/formats/write-rows.ts';
import { type Cell, cellsOf, columns, rowsInSlices } from './rows.ts';

/** Takes the file and the number of its rows; resolves to the number found, and what else is to be told. */
export type Step = (path: string, count: number) => Promise<{ rows: number; note?: string }>;

/** Those that read compare every cell, and throw at the first that is another one. */
export const steps = {
  /** As the finish step of a job does. */
  async write(path, count) {
    const chunks = writeRows(rowsInSlices(count), { format: 'xlsx', columns });
    await pipeline(Readable.from(chunks), createWriteStream(path));
    return { rows: count };
  },

  /** By a library that has nothing in common with ours: its zip and its XML parser are its own. */
  async readElsewhere(path) {
    // Only here: what the writer needs is not to be measured with it.
    const { WorkbookReader } = await import('@cj-tech-master/excelts');
    const compare = comparison();
    const sheets: string[] = [];
    let rows = 0;
    const options = {
      worksheets: 'emit',
      sharedStrings: 'cache',
      entries: 'ignore',
      // The parts that name the sheets come last.
      maxBufferedWorksheetBytes: 4 * 2 ** 30,
    } as const;
    for await (const sheet of new WorkbookReader(path, options)) {
      sheets.push(String(sheet.name));
      for await (const row of sheet) {
        // Numbered from 1; empty cells at the end are left out.
        const values = (Array.isArray(row.values) ? row.values : []).slice(1) as Cell[];
        const cells = columns.map((_, at) => values[at] ?? null);
        if (row.number > 1) rows = compare(cells);
        else if (cells.join() !== columns.join()) throw new Error(`The header is ${cells.join()}`);
      }
    }
    return { rows, note: `sheets ${sheets.join(', ')}` };
  },

  /** Where all cells are text. */
  async readHere(path) {
    const compare = comparison((cell) =>
      typeof cell === 'boolean' ? String(cell).toUpperCase() : String(cell ?? ''),
    );
    let rows = 0;
    for await (const batch of openRows(createReadStream(path))) {
      for (const row of batch.rows) {
        if (row.problem) throw new Error(`Row ${row.row}: ${row.problem.message}`);
        rows = compare(columns.map((column) => row.value[column] as string));
      }
    }
    return { rows };
  },
} satisfies Record<string, Step>;

/** Compares one row after the other with what was written. Returns how many there were. */
function comparison(as: (cell: Cell) => Cell = (cell) => cell): (cells: readonly Cell[]) => number {
  let rows = 0;
  return (cells) => {
    const wanted = JSON.stringify(cellsOf(rows).map(as));
    const found = JSON.stringify(cells);
    rows += 1;
    if (found !== wanted) throw new Error(`Row ${rows} is ${found} instead of ${wanted}`);
    return rows;
  };
}
