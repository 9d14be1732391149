import type { Piece } from './options.ts';
import type { RowFeed } from './row-feed.ts';
import type { Row } from './rows.ts';

/** A format made of text, row by row. */
export interface TextWriter {
  start: string;
  /** `first`: no row was written before. */
  row(row: Row, first: boolean): string;
  end: string;
}

/** Characters that are written at once. */
const chunkChars = 64 * 1024;

/**
 * The text of the rows. Of a file that is written piece by piece: `rowsBefore` are in earlier pieces, and `last` says that
 * nothing follows. What stands before the first row is written with it, or at the end where there is none.
 */
export async function* writeText(
  feed: RowFeed,
  writer: TextWriter,
  { rowsBefore, last }: Piece,
): AsyncGenerator<Buffer, void, void> {
  let text = '';
  let first = rowsBefore === 0;
  for (let rows = await feed.take(); rows.length > 0; rows = await feed.take()) {
    for (const row of rows) {
      text += first ? writer.start + writer.row(row, true) : writer.row(row, false);
      first = false;
      if (text.length >= chunkChars) {
        yield Buffer.from(text);
        text = '';
      }
    }
  }
  if (last) text += (first ? writer.start : '') + writer.end;
  if (text !== '') yield Buffer.from(text);
}
