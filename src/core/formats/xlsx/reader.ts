import { didYouMean } from '../../engine/nearest.ts';
import { type Maker, makerOf } from '../../json/shape.ts';
import { type Batch, Batcher } from '../batch.ts';
import type { Chunks } from '../bytes.ts';
import { cellsBeyond } from '../columns.ts';
import { FileError } from '../file-error.ts';
import { columnsOf } from '../header.ts';
import type { ParsedReadOptions } from '../options.ts';
import type { ReadRow, RowProblem } from '../rows.ts';
import { hasValue } from '../values.ts';
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
      for (const { chars, blank, ...row } of rows) {
        if (row.row <= after) continue;
        last = row.row;
        if (blank) {
          batcher.blank++;
          continue;
        }
        batcher.rows.push(row);
        batcher.chars += chars;
        if (batcher.full(0)) yield take(last);
      }
    }
    if (batcher.taken === 0 && batcher.rows.length === 0 && !options.resume) {
      throw new FileError('FILE_HAS_NO_ROWS', 'The sheet has a header, but no rows');
    }
    if (batcher.pending) yield take(last);
  } finally {
    parts?.close();
    await file.remove();
  }
}

type TableRow = ReadRow & { chars: number; blank: boolean };

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
  let firstHeader: string | undefined;
  let rowOf = makerOf([], '');
  let rowsBefore = 0;
  for (const { path } of sheets) {
    const skipped = columns ? 0 : options.skipRows;
    let headerRow: number | undefined;
    let lastRow = 0;
    for await (const read of readSheet(parts, path, context, limits.maxCellChars)) {
      let rows = read;
      if (headerRow === undefined) {
        const at = rows.findIndex(({ row, cells }) => row > skipped && cells.some(hasValue));
        const header = rows[at];
        if (!header) continue;
        rows = rows.slice(at + 1);
        headerRow = header.row;
        const names = JSON.stringify(withoutTail(header.cells));
        if (firstHeader !== undefined && names !== firstHeader) return;
        firstHeader = names;
        columns ??= headerOf(header, rows, options);
        rowOf = makerOf(columns, '');
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
function withContinuations(sheets: readonly Sheet[], asked: string | number | undefined): Sheet[] {
  const first = placeOf(sheets, asked);
  const sheet = sheets[first] ?? (asked === undefined ? sheets[0] : undefined);
  if (!sheet) {
    const names = sheets.map(({ name }) => name);
    const told = names.map((name) => `"${name}"`).join(', ');
    throw new FileError(
      'SHEET_NOT_FOUND',
      `The workbook has no sheet "${asked}"${didYouMean(String(asked), names)}; it has ${told}`,
      { sheets: names },
    );
  }
  const found = [sheet];
  for (let next = first + 1; first >= 0 && next < sheets.length; next++) {
    const following = sheets[next];
    if (following?.name !== `${sheet.name} ${found.length + 1}`) break;
    found.push(following);
  }
  return found;
}

/** A name comes before a number, which counts from 1. -1 if there is no such sheet. */
function placeOf(sheets: readonly Sheet[], asked: string | number | undefined): number {
  if (asked === undefined) return sheets.findIndex(({ hidden }) => !hidden);
  const named = sheets.findIndex(({ name }) => name === asked);
  return named < 0 && /^\d+$/.test(String(asked)) ? Number(asked) - 1 : named;
}

/** The columns of a sheet. One without a name counts if most of the rows that are read with the header have a value in it. */
function headerOf({ row, cells }: SheetRow, rows: readonly SheetRow[], options: ParsedReadOptions): string[] {
  const used = (column: number) => rows.filter((one) => hasValue(one.cells[column])).length > rows.length / 2;
  const widest = rows.reduce((width, one) => Math.max(width, one.cells.length), cells.length);
  const names = Array.from({ length: widest }, (_, column) => cells[column]);
  const last = names.findLastIndex((name, column) => hasValue(name) || used(column));
  const warn = options.onWarning ?? (() => {});
  const columns = columnsOf(names, { row, used: last + 1, wanted: options.wanted, warn });
  options.onHeader?.({ columns });
  return columns;
}

/** Trailing empty cells are not columns. */
function withoutTail(cells: SheetRow['cells']): string[] {
  const names = Array.from(cells, (cell) => cell ?? '');
  while (names.length > 0 && !hasValue(names.at(-1))) names.pop();
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
  if (!found) return { row, chars, value, blank: !cells.some(hasValue) };
  return {
    row,
    chars,
    value,
    blank: false,
    problem: { ...found, column: columns[found.column] ?? found.column + 1 },
  };
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
