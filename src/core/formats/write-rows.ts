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
 * The file that holds the rows, in chunks. Rows are taken as the chunks are: who reads slowly holds the source back,
 * and memory stays flat. Throws `FORMAT_OPTIONS_INVALID`; `UNKNOWN_COLUMN` for a row that has a column the first row
 * has not, unless `columns` say which ones are wanted; and what a header is refused for when it is read.
 *
 * In a table, null and undefined are empty cells, objects are JSON. In XLSX numbers and booleans are such, and a text
 * longer than a cell can hold is cut and says so.
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
