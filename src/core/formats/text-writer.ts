import type { Piece } from './options.ts';
import type { RowFeed } from './row-feed.ts';
import type { Row } from './rows.ts';

/** A text format, written row by row. */
export interface TextWriter {
  start: string;
  /** `first`: no row has been written before. */
  row(row: Row, first: boolean): string;
  end: string;
}

/** Characters per chunk. */
const chunkChars = 64 * 1024;

/**
 * The text of the rows. For a file that is written in pieces, `rowsBefore` counts the rows of earlier pieces,
 * and `last` means that nothing follows. Text before the first row is written with that row, or at the end if
 * there is none.
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
