import { createReadStream } from 'node:fs';
import { openRows } from '../../../core/formats/open-rows.ts';
import type { Row } from '../../../core/formats/rows.ts';

/** The rows of an XLSX file. Throws a `FileError`. */
export async function readXlsx(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of openRows(createReadStream(path), { name: path })) {
    rows.push(...batch.rows.flatMap((row) => (row.problem ? [] : [row.value])));
  }
  return rows;
}
