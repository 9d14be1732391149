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

export async function* writeText(feed: RowFeed, writer: TextWriter): AsyncGenerator<Buffer, void, void> {
  let text = writer.start;
  let first = true;
  for (let rows = await feed.take(); rows.length > 0; rows = await feed.take()) {
    for (const row of rows) {
      text += writer.row(row, first);
      first = false;
      if (text.length >= chunkChars) {
        yield Buffer.from(text);
        text = '';
      }
    }
  }
  text += writer.end;
  if (text !== '') yield Buffer.from(text);
}
