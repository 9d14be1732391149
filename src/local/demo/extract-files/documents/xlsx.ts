import { buffer } from 'node:stream/consumers';
import type { Row } from '../../../../core/formats/rows.ts';
import { writeRows } from '../../../../core/formats/write-rows.ts';

/** A workbook with one sheet. */
export function xlsx(sheet: string, rows: readonly Row[]): Promise<Buffer> {
  return buffer(writeRows([rows], { format: 'xlsx', sheet }));
}
