import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import type { ReadOptions, WriteOptions } from '../../../src/core/formats/options.ts';
import type { Position } from '../../../src/core/formats/position.ts';
import type { ReadRow, Row } from '../../../src/core/formats/rows.ts';
import type { Warning } from '../../../src/core/formats/warning.ts';
import { writeRows } from '../../../src/core/formats/write-rows.ts';
import { namesOf, withoutShape } from '../../../src/core/json/shape.ts';

/** The bytes in chunks whose sizes repeat `sizes`. */
export async function* inChunks(bytes: Buffer, sizes: readonly number[] = [65_536]): AsyncGenerator<Buffer> {
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

export const text = (content: string): Buffer => Buffer.from(content);
export const gzip = (content: Buffer): Buffer => gzipSync(content);

export interface Asked extends ReadOptions {
  chunkSizes?: readonly number[];
}

/** All rows of a file. */
export async function readAll(bytes: Buffer, { chunkSizes, ...options }: Asked = {}): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  for await (const batch of openRows(inChunks(bytes, chunkSizes), options)) rows.push(...batch.rows);
  return rows;
}

/** A row's columns and values in their order. */
export const membersOf = (row: Row) => namesOf(row).map((name) => [name, row[name]]);

/** The values of all rows; a row with a problem fails. */
export async function readValues(bytes: Buffer, options: Asked = {}): Promise<Row[]> {
  return (await readAll(bytes, options)).map((row) => {
    if (row.problem) throw new Error(`Row ${row.row}: ${row.problem.message}`);
    return withoutShape(row.value);
  });
}

/** All values of a file, and what its user is told. */
export async function readWithWarnings(bytes: Buffer, options: Asked = {}) {
  const warnings: Warning[] = [];
  const values = await readValues(bytes, { ...options, onWarning: (warning) => warnings.push(warning) });
  return { values, warnings: warnings.map(({ code, message }) => `${code}: ${message}`) };
}

/** Reads as one process after the other would that stops after `batchSize` rows, and hands its position on as JSON. */
export async function readInTurns(bytes: Buffer, { chunkSizes, ...options }: Asked): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  let position: Position | undefined;
  for (;;) {
    const source = inChunks(bytes.subarray(position?.readFrom ?? 0), chunkSizes);
    const reading = openRows(source, position ? { ...options, resume: position } : options);
    const batch = await reading.next();
    await reading.return();
    if (batch.done) return rows;
    rows.push(...batch.value.rows);
    position = JSON.parse(JSON.stringify(batch.value.position)) as Position;
  }
}

export async function write(rows: readonly Row[], options: WriteOptions): Promise<Buffer> {
  return await buffer(writeRows([rows], options));
}

const spreadsheet = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export interface WorkbookParts {
  /** Name → the XML between the tags of its `sheetData`. */
  sheets?: Record<string, string>;
  /** Elements `si`. */
  sharedStrings?: string;
  /** What stands in `styleSheet`. */
  styles?: string;
  workbookPr?: string;
  /** Path → content of parts beside those. */
  others?: Record<string, string>;
}

/** A workbook as a spreadsheet program would write it, with the parts that a test is about. */
export async function workbook(parts: WorkbookParts): Promise<Buffer> {
  const { sheets = {}, sharedStrings, styles, workbookPr = '', others = {} } = parts;
  const files: Record<string, string> = { ...others };
  const names = Object.keys(sheets);
  const related = names.map((_, i) => relation(`s${i}`, 'worksheet', `worksheets/sheet${i}.xml`));
  for (const [i, rows] of Object.values(sheets).entries()) {
    files[`xl/worksheets/sheet${i}.xml`] =
      `<worksheet xmlns="${spreadsheet}"><sheetData>${rows}</sheetData></worksheet>`;
  }
  if (sharedStrings !== undefined) {
    files['xl/sharedStrings.xml'] = `<sst xmlns="${spreadsheet}">${sharedStrings}</sst>`;
    related.push(relation('strings', 'sharedStrings', '/xl/sharedStrings.xml'));
  }
  if (styles !== undefined) {
    files['xl/styles.xml'] = `<styleSheet xmlns="${spreadsheet}">${styles}</styleSheet>`;
    related.push(relation('styles', 'styles', 'styles.xml'));
  }
  const list = names.map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="s${i}"/>`).join('');
  files['xl/workbook.xml'] =
    `<workbook xmlns="${spreadsheet}" xmlns:r="${relations}">${workbookPr}<sheets>${list}</sheets></workbook>`;
  files['xl/_rels/workbook.xml.rels'] = `<Relationships>${related.join('')}</Relationships>`;
  files['_rels/.rels'] =
    `<Relationships>${relation('main', 'officeDocument', 'xl/workbook.xml')}</Relationships>`;
  return await zip(files);
}

const relation = (id: string, type: string, target: string) =>
  `<Relationship Id="${id}" Type="${relations}/${type}" Target="${target}"/>`;

export async function zip(files: Record<string, string>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [path, content] of Object.entries(files)) archive.addBuffer(Buffer.from(content), path);
  archive.end();
  return await buffer(archive.outputStream);
}
