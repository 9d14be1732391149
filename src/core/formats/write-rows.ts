import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { csvWriter } from './csv/writer.ts';
import { jsonArrayWriter, jsonLinesWriter } from './json/writer.ts';
import { type ParsedWriteOptions, parseWriteOptions, type WriteOptions } from './options.ts';
import { RowFeed, type RowSource } from './row-feed.ts';
import { writeText } from './text-writer.ts';
import { writeXlsx } from './xlsx/writer.ts';

type Chunks = AsyncGenerator<Buffer, void, void>;

/**
 * Writes rows to a file, in chunks. Rows are pulled as the chunks are read: a slow reader slows the source,
 * and memory stays flat. Throws `FORMAT_OPTIONS_INVALID`; `UNKNOWN_COLUMN` for a row with a column that the
 * first row lacks, unless `columns` selects the wanted ones; and the errors for a header that a reader would
 * refuse.
 *
 * In a table, null and undefined become empty cells, and objects become JSON. In XLSX, numbers and booleans
 * keep their types. A text that is too long for a cell is cut, with a note that says so.
 */
export async function* writeRows(rows: RowSource, options: WriteOptions): Chunks {
  const parsed = parseWriteOptions(options);
  const feed = new RowFeed(rows);
  try {
    const chunks = write(feed, parsed);
    yield* parsed.gzip ? gzipped(chunks) : chunks;
  } finally {
    await feed.close();
  }
}

async function* write(feed: RowFeed, options: ParsedWriteOptions): Chunks {
  const { format, columns, piece } = options;
  if (format === 'jsonl') yield* writeText(feed, jsonLinesWriter(columns), piece);
  else if (format === 'json') yield* writeText(feed, jsonArrayWriter(columns), piece);
  else if (format === 'csv') yield* writeText(feed, csvWriter(await feed.columns(columns), options), piece);
  else yield* writeXlsx(feed, await feed.columns(columns), options);
}

async function* gzipped(chunks: Chunks): Chunks {
  const source = Readable.from(chunks, { objectMode: true, highWaterMark: 1 });
  const gzip = createGzip();
  source.on('error', (error) => gzip.destroy(error));
  source.pipe(gzip);
  try {
    yield* gzip as AsyncIterable<Buffer>;
  } finally {
    gzip.destroy();
    source.destroy();
  }
}
