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
export const encodings = ['utf-8', 'utf-16le', 'utf-16be', ...singleByte] as const;
export type Encoding = (typeof encodings)[number];

/**
 * The encoding for a WHATWG label (`latin1`, `cp1250`, …); undefined if the label is unknown or not supported
 * here.
 */
export function encodingOf(label: string): Encoding | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    return encodings.find((one) => one === encoding);
  } catch {
    return undefined;
  }
}

/** The encoding that a byte order mark indicates, and the length of the mark in bytes. */
export function byteOrderMark(head: Buffer): { encoding: Encoding; bytes: number } | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return undefined;
}

/** Detects UTF-16 without a mark: in Latin text every other byte is 0. */
export function looksLikeUtf16(head: Buffer): boolean {
  const [a, b, c, d] = head;
  return (a === 0 && c === 0 && b !== 0 && d !== 0) || (b === 0 && d === 0 && a !== 0 && c !== 0);
}

/** The byte length of `text` in the encoding. Decoded text encodes to its original length. */
export function encodedLength(text: string, encoding: Encoding): number {
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

const decoders = new Map<Encoding, InstanceType<typeof TextDecoder>>();

/** Decodes all whole characters. If a byte is invalid, still decodes all lines before it. */
export function decode(bytes: Buffer, encoding: Encoding): Decoded {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const left = bytes.length % 2;
    const whole = bytes.subarray(0, bytes.length - left);
    // swap16 works in place, and the bytes belong to the caller.
    const text = (encoding === 'utf-16le' ? whole : Buffer.from(whole).swap16()).toString('utf16le');
    return { text, left };
  }
  if (encoding !== 'utf-8') return decodeSingle(bytes, encoding);
  const left = unfinished(bytes);
  const whole = bytes.subarray(0, bytes.length - left);
  if (isUtf8(whole)) return { text: whole.toString('utf8'), left };
  const lines = validLines(whole);
  return { text: whole.toString('utf8', 0, lines), left: 0, invalidAt: invalidByte(whole, lines) };
}

function decodeSingle(bytes: Buffer, encoding: Encoding): Decoded {
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
