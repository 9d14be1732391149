import { type Maker, makerOf } from '../../json/shape.ts';
import { type Batch, Batcher } from '../batch.ts';
import type { Chunks } from '../bytes.ts';
import { cellsBeyond, checkHeader } from '../columns.ts';
import { FileError } from '../file-error.ts';
import type { ParsedReadOptions } from '../options.ts';
import type { ReadRow, RowProblem } from '../rows.ts';
import { textType } from './cell-types.ts';
import { refuseCompoundFile } from './compound-file.ts';
import { openPackage, type Package } from './package.ts';
import { readSharedStrings } from './shared-strings.ts';
import { readSheet, type SheetRow } from './sheet.ts';
import { spool } from './spool.ts';
import { readNumberStyles } from './styles.ts';
import { readWorkbook, type Sheet } from './workbook.ts';

/**
 * Reads one sheet and its continuations: the following sheets with the same name plus a number (`Data`, `Data
 * 2`), as long as they have the same header. Row numbers continue from sheet to sheet and count each header.
 * After resuming, rows up to the position are read again and skipped.
 */
export async function* readXlsx(
  chunks: Chunks,
  gzip: boolean,
  options: ParsedReadOptions,
): AsyncGenerator<Batch, void, void> {
  const file = await spool(chunks, options.limits.maxWorkbookBytes);
  let parts: Package | undefined;
  try {
    await refuseCompoundFile(file.path);
    parts = await openPackage(file.path, options.limits);
    const after = options.resume?.row ?? 0;
    const batcher = new Batcher(options);
    const take = (row: number) => batcher.take({ format: 'xlsx', readFrom: 0, row, gzip });
    let last = after;
    for await (const rows of readTable(parts, options)) {
      for (const { chars, ...row } of rows) {
        if (row.row <= after) continue;
        batcher.rows.push(row);
        batcher.chars += chars;
        last = row.row;
        if (batcher.full(0)) yield take(last);
      }
    }
    if (batcher.rows.length > 0) yield take(last);
    if (batcher.taken === 0 && !options.resume) {
      throw new FileError('FILE_HAS_NO_ROWS', 'The sheet has a header, but no rows');
    }
  } finally {
    parts?.close();
    await file.remove();
  }
}

type TableRow = ReadRow & { chars: number };

async function* readTable(
  parts: Package,
  options: ParsedReadOptions,
): AsyncGenerator<TableRow[], void, void> {
  const { limits } = options;
  const workbook = await readWorkbook(parts);
  const sheets = withContinuations(workbook.sheets, options.sheet);
  const context = {
    sharedStrings: await readSharedStrings(parts, workbook.sharedStrings, limits),
    numberStyles: await readNumberStyles(parts, workbook.styles),
    date1904: workbook.date1904,
  };
  let columns: readonly string[] | undefined;
  let rowOf = makerOf([], '');
  let rowsBefore = 0;
  for (const { path } of sheets) {
    let headerRow: number | undefined;
    let lastRow = 0;
    for await (const rows of readSheet(parts, path, context, limits.maxCellChars)) {
      if (headerRow === undefined) {
        const header = rows.shift();
        if (!header) continue;
        headerRow = header.row;
        const names = headerOf(header);
        if (columns && names.join('\0') !== columns.join('\0')) return;
        if (!columns) {
          checkHeader(names, headerRow);
          options.onHeader?.({ columns: names });
          columns = names;
          rowOf = makerOf(names, '');
        }
      }
      lastRow = rows.at(-1)?.row ?? headerRow;
      const known = columns ?? [];
      yield rows.map((row) => tableRow(row, known, rowOf, rowsBefore));
    }
    if (!columns) throw new FileError('FILE_EMPTY', 'The sheet is empty');
    rowsBefore += lastRow;
  }
}

/** The requested sheet (default: the first that is not hidden), and those whose names continue it. */
function withContinuations(sheets: readonly Sheet[], asked: string | undefined): Sheet[] {
  const first = sheets.findIndex(({ name, hidden }) => (asked === undefined ? !hidden : name === asked));
  const sheet = sheets[first] ?? (asked === undefined ? sheets[0] : undefined);
  if (!sheet) {
    throw new FileError('SHEET_NOT_FOUND', `The workbook has no sheet "${asked}"`, {
      sheets: sheets.map(({ name }) => name),
    });
  }
  const found = [sheet];
  for (let next = first + 1; first >= 0 && next < sheets.length; next++) {
    const following = sheets[next];
    if (following?.name !== `${sheet.name} ${found.length + 1}`) break;
    found.push(following);
  }
  return found;
}

/** Trailing empty cells are not columns. */
function headerOf({ cells }: SheetRow): string[] {
  const names = Array.from(cells, (cell) => cell ?? '');
  while (names.at(-1)?.trim() === '') names.pop();
  return names;
}

function tableRow(
  { row: rowOfSheet, cells, types, chars, problem }: SheetRow,
  columns: readonly string[],
  rowOf: Maker,
  rowsBefore: number,
): TableRow {
  const row = rowsBefore + rowOfSheet;
  const typed = types.length > 0;
  const value = rowOf(cells, typed ? columns.map((_, at) => types[at] ?? textType).join('') : undefined);
  const found = problem ?? tooManyCells(cells, columns);
  if (!found) return { row, chars, value };
  return { row, chars, value, problem: { ...found, column: columns[found.column] ?? found.column + 1 } };
}

function tooManyCells(
  cells: SheetRow['cells'],
  columns: readonly string[],
): (RowProblem & { column: number }) | undefined {
  if (cells.length <= columns.length) return undefined;
  const beyond = cellsBeyond(columns, cells);
  return (
    beyond && { code: 'TOO_MANY_CELLS', message: `The row is too long: ${beyond.told}`, column: beyond.first }
  );
}
