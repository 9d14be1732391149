import { FileError } from './file-error.ts';

/** Files that would be read as text, but hold no rows, by the bytes that they begin with. */
const binary: readonly (readonly [kind: string, begins: string])[] = [
  ['a PDF', '%PDF-'],
  ['a Parquet file', 'PAR1\x15'],
  ['an SQLite database', 'SQLite format 3\0'],
  ['a PNG picture', '\x89PNG'],
  ['a JPEG picture', '\xff\xd8\xff'],
  ['compressed with bzip2', 'BZh91AY&SY'],
  ['compressed with xz', '\xfd7zXZ\0'],
  ['compressed with zstd', '(\xb5/\xfd'],
  ['a 7z archive', '7z\xbc\xaf\x27\x1c'],
  ['a RAR archive', 'Rar!\x1a\x07'],
];

/** What programs write instead of rows: a page that asks to log in, or a table under the name .xls. */
const markup = /^\s*<(?:!doctype\s+html|html|head|body|table|\?xml|workbook)\b/i;

/**
 * Throws `NOT_ROWS` for a file whose beginning shows that it is of another kind. `head`: its bytes; `sample`: the text
 * that they are.
 */
export function refuseOtherKinds(head: Buffer, sample: string): void {
  const begins = head.toString('latin1', 0, 16);
  const found = binary.find(([, mark]) => begins.startsWith(mark))?.[0];
  if (found) throw new FileError('NOT_ROWS', `The file is ${found}, and holds no rows that can be read`);
  const [tag] = markup.exec(sample) ?? [];
  if (tag === undefined) return;
  const kind = /html|head|body|table/i.test(tag) ? 'HTML' : 'XML';
  throw new FileError(
    'NOT_ROWS',
    `The file is ${kind}, whatever its name says, and holds no rows that can be read`,
  );
}
