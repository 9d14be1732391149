import { byteOrderMark, decode, type Encoding, type MeasuredEncoding } from './encoding.ts';
import { FileError } from './file-error.ts';
import { type Format, formatOfName } from './format.ts';
import { refuseOtherKinds } from './not-rows.ts';
import type { ParsedReadOptions } from './options.ts';
import { isClearlyUtf8, unmarkedEncoding } from './unmarked.ts';
import { warning } from './warning.ts';

/** How many bytes at the beginning are used to detect the format and delimiter. */
export const sampleBytes = 64 * 1024;

const magic = {
  gzip: Buffer.from([0x1f, 0x8b]),
  zip: Buffer.from('PK'),
  /** The container of Excel's old format, and of encrypted workbooks. */
  compoundFile: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
};

const begins = (head: Buffer, mark: Buffer) => head.subarray(0, mark.length).equals(mark);

export const isGzip = (head: Buffer) => begins(head, magic.gzip);
export const isCompoundFile = (head: Buffer) => begins(head, magic.compoundFile);

const isZip = (head: Buffer) => begins(head, magic.zip) && (head[2] ?? 9) < 8 && (head[3] ?? 9) < 9;

/** The beginning of a text. */
export interface TextStart {
  format: Exclude<Format, 'xlsx'>;
  encoding: MeasuredEncoding;
  /** Length of the byte order mark. */
  markBytes: number;
  sample: string;
}

/** The format that was asked for, or that the name shows. */
const askedFormat = ({ format, name = '' }: ParsedReadOptions) => format ?? formatOfName(name);

/** Whether an uncompressed file is a workbook, which identifies itself. Throws `FILE_EMPTY`. */
export function isWorkbook(head: Buffer, options: ParsedReadOptions): boolean {
  if (head.length === 0) throw new FileError('FILE_EMPTY', 'The file is empty');
  const asked = askedFormat(options);
  return isCompoundFile(head) || (isZip(head) && asked !== 'jsonl') || asked === 'xlsx';
}

/**
 * The encoding of a text: its byte order mark takes precedence over the one asked for. Throws `ENCODING_INVALID` if the
 * bytes show another one, in which case rows could be read, but not as they were written.
 */
export function encodingOfText(head: Buffer, options: ParsedReadOptions): Encoding {
  const mark = byteOrderMark(head);
  if (mark) return mark.encoding;
  const { encoding } = options;
  if (encoding === 'utf-8') {
    const shown = unmarkedEncoding(head);
    if (shown === undefined) return encoding;
    const unmarked = shown.startsWith('utf') ? ' without a byte order mark' : '';
    const message = `The file is ${shown.toUpperCase()}${unmarked}: set its encoding to ${shown}, or save it as UTF-8`;
    throw new FileError('ENCODING_INVALID', message, { row: 1 });
  }
  // Row ends of such a text have zeros.
  if (encoding.startsWith('utf-16') && !head.includes(0) && decode(head, 'utf-8').invalidAt === undefined) {
    throw new FileError('ENCODING_INVALID', `The file is UTF-8, not ${encoding.toUpperCase()}`, { row: 1 });
  }
  if (isClearlyUtf8(head)) {
    const message = `The file looks like UTF-8, but is read as ${encoding}: check the results, or leave out its encoding`;
    options.onWarning?.(warning('ENCODING_UNLIKELY', message));
  }
  return encoding;
}

/**
 * Detects the format of a text from its first bytes: the requested format takes precedence, then the name, then the
 * first character. Throws `NOT_ROWS` if no format was requested and the file is of another kind.
 */
export function detectText(head: Buffer, encoding: MeasuredEncoding, options: ParsedReadOptions): TextStart {
  const markBytes = byteOrderMark(head)?.bytes ?? 0;
  const sample = decode(head.subarray(markBytes), encoding).text;
  if (options.format === undefined) refuseOtherKinds(head, sample);
  const asked = askedFormat(options);
  return { format: textFormat(asked === 'xlsx' ? undefined : asked, sample), encoding, markBytes, sample };
}

function textFormat(asked: TextStart['format'] | undefined, sample: string): TextStart['format'] {
  const first = sample.trimStart()[0];
  // Both kinds of JSON use the name .json; one object over several lines is neither.
  if (asked === 'json' || asked === undefined) {
    if (first === '[') return 'json';
    if (first === '{') return isObjectPerLine(sample) ? 'jsonl' : 'json';
  }
  return asked ?? 'csv';
}

/**
 * Whether the first line is more than the beginning of an object. A line that is cut off gets the benefit of
 * the doubt.
 */
function isObjectPerLine(sample: string): boolean {
  const [line = '', ...others] = sample.trimStart().split('\n', 2);
  return others.length === 0 || line.trimEnd().endsWith('}');
}
