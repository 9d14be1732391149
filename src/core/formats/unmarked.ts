import { decode, type Encoding, encodedLength } from './encoding.ts';
import { padding } from './values.ts';

/** The beginning of a file is enough to tell. A multiple of every width. */
const sampleBytes = 4_096;

const wide = ['utf-16le', 'utf-16be'] as const;

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const alphabetChange = /\x1b(?:\$[@B]|\$\(D|\([IJ])/;

/**
 * The encoding of a text without a byte order mark whose bytes show it, though they may be valid UTF-8 as well; undefined
 * for any other.
 */
export function unmarkedEncoding(head: Buffer): Encoding | undefined {
  const sample = head.subarray(0, sampleBytes);
  // It uses 7 bits only, and escape sequences where the alphabet changes.
  if (alphabetChange.test(sample.toString('latin1'))) return 'iso-2022-jp';
  // Every row end of wide characters has zeros.
  if (!sample.includes(0)) return undefined;
  if (isText(fromWords(sample, 'LE'))) return 'utf-32le';
  if (isText(fromWords(sample, 'BE'))) return 'utf-32be';
  return wide.find((encoding) => isText(decode(sample, encoding).text));
}

/** UTF-32, or nothing if it is none. */
function fromWords(bytes: Buffer, order: 'LE' | 'BE'): string {
  const codes: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    codes.push(order === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  }
  return codes.every((code) => code <= 0x10ffff) ? String.fromCodePoint(...codes) : '';
}

/** Not in any text: control characters, halves of pairs, and what Unicode has not assigned. */
const never = /[\p{Cs}\p{Cn}\p{Co}]|(?![\t\n\r])\p{Cc}/u;

/** Whether characters that were decoded as a guess are a text: they have row ends, or are Latin. */
function isText(decoded: string): boolean {
  // The sample may end within a pair.
  const text = decoded.replace(/[\ud800-\udbff]$/, '').replace(padding, '');
  if (text.length < 2 || never.test(text) || rowEndsWithin(text) > text.length * 0.1) return false;
  return /[\n\r]/.test(text) || text.replace(/[^\u0020-\u00ff]/g, '').length > text.length * 0.7;
}

/**
 * Characters of which one byte alone would be a row end: few in any language, and many where a guess has swallowed the
 * row ends of a text that merely holds NULs.
 */
function rowEndsWithin(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0xff && [code & 0xff, code >> 8].some((byte) => byte === 10 || byte === 13)) count += 1;
  }
  return count;
}

/** Whether the bytes are UTF-8 with characters that another encoding would read as something else. */
export function isClearlyUtf8(head: Buffer): boolean {
  const { text, invalidAt } = decode(head, 'utf-8');
  return invalidAt === undefined && encodedLength(text, 'utf-8') > text.length;
}
