import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { checkWidth } from '../columns.ts';
import type { ParsedWriteOptions } from '../options.ts';
import type { RowFeed } from '../row-feed.ts';
import { RowWriter } from './cells.ts';
import { otherParts, sheetEnd, sheetPath, sheetStart } from './parts.ts';
import { widthsOf } from './widths.ts';

/** Characters of a sheet per compressed chunk. */
const chunkChars = 64 * 1024;
/** A zip with larger parts needs extensions that not every spreadsheet reads, so the next sheet begins before that. */
const maxSheetBytes = 3.5 * 2 ** 30;
/** Twice as fast as the default; files are a tenth larger. */
const compressionLevel = 3;
/** Fixed, so that the same rows make the same bytes. */
const mtime = new Date(2000, 0, 1);

/**
 * Streams a workbook. Texts go into their cells, because a table of shared strings would have to stay in
 * memory, and the parts that name the sheets come last. When a sheet is full, the next one begins with the
 * header again.
 */
export async function* writeXlsx(
  feed: RowFeed,
  columns: readonly string[],
  { sheet, maxSheetRows }: ParsedWriteOptions,
): AsyncGenerator<Buffer, void, void> {
  checkWidth(columns.length, 'xlsx');
  const zip = new ZipFile();
  const output = new PassThrough();
  zip.on('error', (error) => output.destroy(error));
  zip.outputStream.pipe(output);
  const names: string[] = [];
  let current: Readable | undefined;

  const addSheet = () => {
    names.push(names.length === 0 ? sheet : `${sheet} ${names.length + 1}`);
    zip.addReadStreamLazy(sheetPath(names.length), { compressionLevel, mtime }, (add) => {
      current = Readable.from(sheetXml(), { objectMode: true, highWaterMark: 1 });
      // yazl does not handle errors of its input streams.
      current.on('error', (error) => output.destroy(error));
      add(null, current);
    });
  };
  const addOthers = () => {
    for (const [path, content] of Object.entries(otherParts(names))) {
      zip.addBuffer(Buffer.from(content), path, { mtime });
    }
    zip.end();
  };
  async function* sheetXml(): AsyncGenerator<Buffer, void, void> {
    yield* writeSheet(feed, columns, maxSheetRows);
    if (await feed.ready()) addSheet();
    else addOthers();
  }

  addSheet();
  try {
    yield* output as AsyncIterable<Buffer>;
  } finally {
    output.destroy();
    current?.destroy();
  }
}

async function* writeSheet(
  feed: RowFeed,
  columns: readonly string[],
  maxRows: number,
): AsyncGenerator<Buffer, void, void> {
  const writer = new RowWriter(columns);
  const portion = (last: number) => feed.take(Math.min(maxRows - last, 100));
  let bytes = 0;
  let last = 1;
  let rows = await portion(last);
  let text = sheetStart(widthsOf(columns, rows)) + writer.header();
  for (; rows.length > 0; rows = last < maxRows && bytes < maxSheetBytes ? await portion(last) : []) {
    for (const row of rows) {
      last++;
      text += writer.row(last, row);
      if (text.length < chunkChars) continue;
      const chunk = Buffer.from(text);
      bytes += chunk.length;
      text = '';
      yield chunk;
    }
  }
  yield Buffer.from(text + sheetEnd);
}
