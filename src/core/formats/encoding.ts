import { isUtf8 } from 'node:buffer';

/** Encodings with one byte per character. Source: WHATWG Encoding, legacy single-byte encodings. */
const singleByte = [
  ...['windows-1250', 'windows-1251', 'windows-1252', 'windows-1253', 'windows-1254'],
  ...['windows-1255', 'windows-1256', 'windows-1257', 'windows-1258', 'windows-874'],
  ...['iso-8859-2', 'iso-8859-3', 'iso-8859-4', 'iso-8859-5', 'iso-8859-6', 'iso-8859-7'],
  ...['iso-8859-8', 'iso-8859-8-i', 'iso-8859-10', 'iso-8859-13', 'iso-8859-14'],
  ...['iso-8859-15', 'iso-8859-16', 'koi8-r', 'koi8-u', 'ibm866'],
  ...['macintosh', 'x-mac-cyrillic'],
] as const;

/** Encodings in which a text's byte length can be computed: a position is a byte offset. */
const measured = ['utf-8', 'utf-16le', 'utf-16be', ...singleByte] as const;
/** Encodings of texts that are turned into UTF-8 before they are read. */
const converted = [
  ...['utf-32le', 'utf-32be', 'shift_jis', 'euc-jp', 'iso-2022-jp', 'euc-kr', 'gbk', 'gb18030', 'big5'],
  ...['cp437', 'cp850'],
] as const;
export const encodings = [...measured, ...converted] as const;
export type MeasuredEncoding = (typeof measured)[number];
export type ConvertedEncoding = (typeof converted)[number];
export type Encoding = MeasuredEncoding | ConvertedEncoding;

export const isConverted = (encoding: Encoding): encoding is ConvertedEncoding =>
  converted.some((one) => one === encoding);

/** Labels in use that the WHATWG does not list. */
const moreLabels: Readonly<Record<string, Encoding>> = {
  ...{ cp932: 'shift_jis', cp936: 'gbk', cp949: 'euc-kr', uhc: 'euc-kr', cp950: 'big5' },
  ...{ ms936: 'gbk', ms949: 'euc-kr', ms950: 'big5', big5hkscs: 'big5', 'iso2022-jp': 'iso-2022-jp' },
  ...{ cp437: 'cp437', ibm437: 'cp437', cp850: 'cp850', ibm850: 'cp850' },
  ...{ macroman: 'macintosh', 'mac-roman': 'macintosh', cp65001: 'utf-8', 'utf-8-sig': 'utf-8' },
  ...{ 'utf-16-le': 'utf-16le', 'utf-16-be': 'utf-16be', 'utf-32-le': 'utf-32le', 'utf-32-be': 'utf-32be' },
  ...{ 'utf-32': 'utf-32le', utf32: 'utf-32le', 'utf-32le': 'utf-32le', 'utf-32be': 'utf-32be' },
};

/**
 * The encoding for a label: one of the WHATWG's (`latin1`, `cp1250`, `sjis`, …) or a usual name for a code page
 * (`cp932`). Undefined if the label is unknown or not supported here.
 */
export function encodingOf(label: string): Encoding | undefined {
  const plain = label.trim().toLowerCase();
  // Python writes `euc_jp` for `euc-jp`.
  return encodingNamed(plain) ?? encodingNamed(plain.replaceAll('_', '-'));
}

function encodingNamed(label: string): Encoding | undefined {
  if (Object.hasOwn(moreLabels, label)) return moreLabels[label];
  try {
    const { encoding } = new TextDecoder(label);
    return encodings.find((one) => one === encoding);
  } catch {
    return undefined;
  }
}

/** The encoding that a byte order mark indicates, and the length of the mark in bytes. */
export function byteOrderMark(head: Buffer): { encoding: Encoding; bytes: number } | undefined {
  if (begins(head, [0xff, 0xfe, 0, 0])) return { encoding: 'utf-32le', bytes: 4 };
  if (begins(head, [0, 0, 0xfe, 0xff])) return { encoding: 'utf-32be', bytes: 4 };
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return undefined;
}

const begins = (head: Buffer, mark: readonly number[]) => mark.every((byte, index) => head[index] === byte);

/** The byte length of `text` in the encoding. Decoded text encodes to its original length. */
export function encodedLength(text: string, encoding: MeasuredEncoding): number {
  if (encoding === 'utf-8') return Buffer.byteLength(text);
  return encoding.startsWith('utf-16') ? text.length * 2 : text.length;
}

export interface Decoded {
  text: string;
  /** Trailing bytes that begin a character: they belong to the next bytes. */
  left: number;
  /** Offset of the first byte that is invalid in this encoding, if any. `text` ends with the line before it. */
  invalidAt?: number;
}

const decoders = new Map<MeasuredEncoding, InstanceType<typeof TextDecoder>>();

/** Decodes all whole characters. If a byte is invalid, still decodes all lines before it. */
export function decode(bytes: Buffer, encoding: MeasuredEncoding): Decoded {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return decodeWide(bytes, encoding);
  if (encoding !== 'utf-8') return decodeSingle(bytes, encoding);
  const left = unfinished(bytes);
  const whole = bytes.subarray(0, bytes.length - left);
  if (isUtf8(whole)) return { text: whole.toString('utf8'), left };
  const lines = validLines(whole);
  return { text: whole.toString('utf8', 0, lines), left: 0, invalidAt: invalidByte(whole, lines) };
}

function decodeWide(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): Decoded {
  const odd = bytes.length % 2;
  const whole = bytes.subarray(0, bytes.length - odd);
  // swap16 works in place, and the bytes belong to the caller.
  const all = (encoding === 'utf-16le' ? whole : Buffer.from(whole).swap16()).toString('utf16le');
  const halved = /[\ud800-\udbff]$/.test(all) ? 1 : 0;
  const text = all.slice(0, all.length - halved);
  if (text.isWellFormed()) return { text, left: odd + 2 * halved };
  const lone = text.search(/\p{Cs}/u);
  return { text: text.slice(0, text.lastIndexOf('\n', lone) + 1), left: 0, invalidAt: 2 * lone };
}

function decodeSingle(bytes: Buffer, encoding: MeasuredEncoding): Decoded {
  const decoder = decoders.get(encoding) ?? new TextDecoder(encoding);
  decoders.set(encoding, decoder);
  const text = decoder.decode(bytes);
  // None of these encodings contains this character: it stands for an undefined byte.
  const invalidAt = text.indexOf('\ufffd');
  if (invalidAt < 0) return { text, left: 0 };
  return { text: text.slice(0, text.lastIndexOf('\n', invalidAt) + 1), left: 0, invalidAt };
}

/** Number of bytes of an incomplete last character; 0 if the bytes end with a whole one. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}

/** The first byte at or after `from` that begins no character. */
function invalidByte(bytes: Buffer, from: number): number {
  for (let at = from; ; ) {
    const lead = bytes[at] ?? 0;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (at >= bytes.length || !isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
}

function validLines(bytes: Buffer): number {
  for (let from = 0; ; ) {
    const end = bytes.indexOf(10, from) + 1;
    if (end === 0 || !isUtf8(bytes.subarray(from, end))) return from;
    from = end;
  }
}
