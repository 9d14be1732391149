import { Readable } from 'node:stream';
import { FileError } from '../../../core/formats/file-error.ts';
import { openRows } from '../../../core/formats/open-rows.ts';
import { decodeText } from './decode-text.ts';
import type { Draft } from './draft.ts';

/**
 * The rows of a table with tabs between the cells, and its columns as sections. A file with an odd header is read
 * as text.
 */
export async function parseCsv(bytes: Uint8Array, draft: Draft): Promise<void> {
  const text = decodeText(bytes, draft);
  const source = Readable.from([Buffer.from(text)]);
  let columns: readonly string[] = [];
  let odd = 0;
  try {
    const rows = openRows(source, {
      format: 'csv',
      onHeader: (header) => {
        columns = header.columns;
      },
    });
    for await (const batch of rows) {
      if (draft.sections.length === 0) {
        draft.row(columns, 2);
        for (const column of columns) draft.section(column, 1);
      }
      for (const row of batch.rows) {
        if (row.problem) odd += 1;
        // By the header: an object has columns that are called like numbers before all others.
        else draft.row(columns.map((column) => String(row.value[column] ?? '')));
      }
      if (draft.full) break;
    }
    if (odd > 0) draft.warn('ROWS_IRREGULAR', `Rows that do not fit the header are left out: ${odd}`);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    draft.warn('ROWS_IRREGULAR', `Read as plain text: ${error.message}`);
    if (draft.text === '') draft.write(text);
  }
}
