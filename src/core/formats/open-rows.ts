import type { Batch } from './batch.ts';
import { type Chunks, chunksOf, gunzipped, peek, ratioCountsFrom, skipping } from './bytes.ts';
import { toUtf8 } from './converted.ts';
import { detectDialect } from './csv/dialect.ts';
import { readCsv } from './csv/reader.ts';
import { detectText, encodingOfText, isGzip, isWorkbook, sampleBytes, type TextStart } from './detect.ts';
import { type Encoding, encodedLength, isConverted } from './encoding.ts';
import type { Delimiter } from './format.ts';
import { readJsonArray } from './json/array-reader.ts';
import { readJsonLines } from './json/lines-reader.ts';
import { type ParsedReadOptions, parseReadOptions, type ReadOptions } from './options.ts';
import type { Position, PositionOf, TextPosition } from './position.ts';
import type { ByteSource } from './rows.ts';
import { TextWindow } from './text-window.ts';
import { warning } from './warning.ts';
import { readXlsx } from './xlsx/reader.ts';

/**
 * Reads a file of rows of any format in batches, plain or gzip. Memory stays flat, but an XLSX file is kept
 * in the temporary directory. An unusable row is reported in place among the others. Throws
 * `FORMAT_OPTIONS_INVALID`, and a {@link FileError} as soon as the file turns out to be unreadable: if its
 * kind, its header or its first rows are at fault, before the first batch. Passes the source's errors on.
 *
 * Each batch carries a position. To continue there, later or in another process, pass the source from byte
 * `position.readFrom` on, and the position as `resume`. The text formats continue at that byte. A gzip file
 * must be unpacked again up to there, which is several times faster than reading it. The rows of an XLSX file
 * are read again, which takes as long as the first time.
 */
export async function* openRows(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Batch, void, void> {
  const parsed = parseReadOptions(options);
  let left = parsed.limit ?? Number.POSITIVE_INFINITY;
  for await (const batch of allRows(source, parsed)) {
    yield batch;
    left -= batch.rows.length;
    if (left <= 0) return;
  }
}

async function* allRows(source: ByteSource, parsed: ParsedReadOptions): AsyncGenerator<Batch, void, void> {
  let chunks = chunksOf(source);
  const toClose = [chunks];
  try {
    const { resume } = parsed;
    let gzip = resume?.gzip ?? false;
    if (!resume) {
      const start = await peek(chunks, 2);
      chunks = start.chunks;
      gzip = isGzip(start.head);
    }
    if (gzip) {
      chunks = gunzipped(chunks, parsed.limits);
      toClose.unshift(chunks);
    }
    const convert = (encoding: Encoding) => {
      if (!isConverted(encoding)) return;
      chunks = toUtf8(chunks, encoding);
      toClose.unshift(chunks);
    };
    if (resume) {
      if (resume.format !== 'xlsx') convert(resume.encoding);
      yield* resumed(chunks, resume, parsed);
      return;
    }
    let start = await peek(chunks, sampleBytes);
    chunks = start.chunks;
    if (isWorkbook(start.head, parsed)) {
      yield* readXlsx(chunks, gzip, parsed);
      return;
    }
    const encoding = encodingOfText(start.head, parsed);
    convert(encoding);
    if (isConverted(encoding)) {
      start = await peek(chunks, sampleBytes);
      chunks = start.chunks;
    }
    const found = detectText(start.head, isConverted(encoding) ? 'utf-8' : encoding, parsed);
    yield* readText(chunks, { gzip, encoding }, found, parsed);
  } finally {
    for (const opened of toClose) await opened.return();
  }
}

/**
 * Unpacks enough of a gzip file to expose a bomb, without looking at its rows: a bomb may have thousands of
 * good rows at the start. Throws `DECOMPRESSION_BOMB`, or `GZIP_DAMAGED` if it is damaged that early.
 */
export async function checkGzip(source: ByteSource, options: ReadOptions = {}): Promise<void> {
  let out = 0;
  for await (const chunk of gunzipped(chunksOf(source), parseReadOptions(options).limits)) {
    out += chunk.length;
    if (out > ratioCountsFrom) return;
  }
}

function readText(
  chunks: Chunks,
  { gzip, encoding }: { gzip: boolean; encoding: Encoding },
  start: TextStart,
  options: ParsedReadOptions,
) {
  const { format, markBytes } = start;
  const { sheet, skipRows, onWarning } = options;
  if (sheet !== undefined)
    onWarning?.(warning('OPTION_NOT_USED', 'Only a workbook has sheets: the sheet is not used'));
  if (skipRows > 0 && format !== 'csv') {
    onWarning?.(warning('OPTION_NOT_USED', 'JSON has no header, so no rows are skipped'));
  }
  const textAt = (byteOffset: number) => new TextWindow(skipping(chunks, byteOffset), encoding, byteOffset);
  if (format === 'csv') {
    const { delimiter, skip, columnsUsed } = detectDialect(start.sample, options);
    const skipBytes = encodedLength(start.sample.slice(0, skip), start.encoding);
    const window = textAt(markBytes + skipBytes);
    return readCsv(
      window,
      { delimiter, row: options.skipRows, columnsUsed },
      options,
      csvPosition(window, gzip, delimiter),
    );
  }
  const window = textAt(markBytes);
  return format === 'json'
    ? readJsonArray(window, undefined, options, jsonPosition(window, gzip))
    : readJsonLines(window, { row: 0, resumed: false }, options, linesPosition(window, gzip));
}

function resumed(chunks: Chunks, resume: Position, options: ParsedReadOptions) {
  if (resume.format === 'xlsx') return readXlsx(chunks, resume.gzip, options);
  const { byteOffset, gzip, row, encoding } = resume;
  const fromStart = gzip || isConverted(encoding);
  const window = new TextWindow(fromStart ? skipping(chunks, byteOffset) : chunks, encoding, byteOffset);
  if (resume.format === 'csv') {
    const { delimiter, columns } = resume;
    const start = { delimiter, row, columns, columnsUsed: columns.length };
    return readCsv(window, start, options, csvPosition(window, gzip, delimiter));
  }
  return resume.format === 'json'
    ? readJsonArray(window, { row, closed: resume.closed }, options, jsonPosition(window, gzip))
    : readJsonLines(window, { row, resumed: true }, options, linesPosition(window, gzip));
}

/** The fields that the positions of all texts share. */
function textPosition({ byteOffset, encoding }: TextWindow, gzip: boolean, row: number) {
  const readFrom = gzip || isConverted(encoding) ? 0 : byteOffset;
  return { readFrom, row, gzip, byteOffset, encoding } satisfies Partial<TextPosition>;
}

const csvPosition =
  (window: TextWindow, gzip: boolean, delimiter: Delimiter) =>
  (row: number, columns: readonly string[]): PositionOf<'csv'> => ({
    format: 'csv',
    ...textPosition(window, gzip, row),
    delimiter,
    columns: [...columns],
  });

const jsonPosition =
  (window: TextWindow, gzip: boolean) =>
  (row: number, closed: boolean): PositionOf<'json'> => ({
    format: 'json',
    ...textPosition(window, gzip, row),
    closed,
  });

const linesPosition =
  (window: TextWindow, gzip: boolean) =>
  (row: number): PositionOf<'jsonl'> => ({ format: 'jsonl', ...textPosition(window, gzip, row) });
