/** The thread of `main.ts` that reads one file. */
import { createReadStream } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { FileError } from '../../src/core/formats/file-error.ts';
import { formatOfName } from '../../src/core/formats/format.ts';
import { openRows } from '../../src/core/formats/open-rows.ts';
import { parseReadOptions } from '../../src/core/formats/options.ts';
import { openPackage } from '../../src/core/formats/xlsx/package.ts';
import { readSharedStrings } from '../../src/core/formats/xlsx/shared-strings.ts';
import { readSheet } from '../../src/core/formats/xlsx/sheet.ts';
import { readNumberStyles } from '../../src/core/formats/xlsx/styles.ts';
import { readWorkbook } from '../../src/core/formats/xlsx/workbook.ts';

/** The cells of a sheet with a value: row and column from 1, the text, and what the cell holds. */
interface SheetCells {
  sheet: string;
  cells: [row: number, column: number, text: string, type: string][];
}

/** `cells` are those of all sheets, also if no table is found in the first. */
export type Found = { cells: SheetCells[] } & (
  | { kind: 'read'; rows: number }
  | { kind: 'refused'; code: string; message: string }
);

const { path, cells: wanted } = workerData as { path: string; cells: boolean };
const { limits } = parseReadOptions({});

async function found(): Promise<Found> {
  const asked = wanted && formatOfName(path) === 'xlsx';
  const cells = asked ? await cellsOf(path).catch(() => []) : [];
  try {
    let rows = 0;
    for await (const batch of openRows(createReadStream(path), { name: path })) rows += batch.rows.length;
    return { kind: 'read', rows, cells };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { kind: 'refused', code: error.code, message: error.message, cells };
  }
}

/** Characters of a workbook's cells that are compared: a small file can repeat a long text in every cell. */
const mostChars = 2 ** 24;

/** The cells of a workbook, or none if they are more than {@link mostChars}. */
async function cellsOf(file: string): Promise<SheetCells[]> {
  const parts = await openPackage(file, limits);
  try {
    const workbook = await readWorkbook(parts);
    const context = {
      sharedStrings: await readSharedStrings(parts, workbook.sharedStrings, limits),
      numberStyles: await readNumberStyles(parts, workbook.styles),
      date1904: workbook.date1904,
    };
    const sheets: SheetCells[] = [];
    let chars = 0;
    for (const { name, path: part } of workbook.sheets) {
      const cells: SheetCells['cells'] = [];
      for await (const rows of readSheet(parts, part, context, limits.maxCellChars)) {
        for (const row of rows) {
          chars += row.cells.reduce((sum, text) => sum + (text?.length ?? 0), 0);
          if (chars > mostChars) return [];
          row.cells.forEach((text, at) => {
            if (text) cells.push([row.row, at + 1, text, row.types[at] ?? '']);
          });
        }
      }
      sheets.push({ sheet: name, cells });
    }
    return sheets;
  } finally {
    parts.close();
  }
}

parentPort?.postMessage(await found());
