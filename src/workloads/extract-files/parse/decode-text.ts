import { isUtf8 } from 'node:buffer';
import chardet from 'chardet';
import { byteOrderMark } from '../../../core/formats/encoding.ts';
import { unmarkedEncoding } from '../../../core/formats/unmarked.ts';
import { ExtractError } from '../extract-error.ts';
import type { Draft } from './draft.ts';

/** Bytes from which to guess the encoding. */
const sampleBytes = 64 * 1024;
/** Bytes within which a page must declare its encoding. */
const declaredWithin = 1_024;

/**
 * Decodes a text file in any encoding. A byte order mark counts first, then the page's own declaration, then UTF-8
 * if the bytes are valid, then the likeliest encoding. Throws `FILE_UNSUPPORTED` if there is no text.
 */
export function decodeText(bytes: Uint8Array, draft: Draft, { htmlHint = false } = {}): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new TextDecoder(encodingOf(buffer, draft, htmlHint)).decode(buffer);
}

function encodingOf(buffer: Buffer, draft: Draft, htmlHint: boolean): string {
  const unicode = byteOrderMark(buffer)?.encoding ?? unmarkedEncoding(buffer);
  if (unicode?.startsWith('utf-32'))
    throw new ExtractError('FILE_UNSUPPORTED', 'The text is UTF-32: save it as UTF-8');
  if (unicode) return unicode;
  if (isUtf8(buffer) && !buffer.subarray(0, sampleBytes).includes(0)) return 'utf-8';
  const sample = buffer.subarray(0, sampleBytes);
  if (sample.includes(0))
    throw new ExtractError('FILE_UNSUPPORTED', 'The file is neither text nor a supported document');
  const declared = htmlHint && declaredIn(buffer);
  if (declared) return declared;
  const guessed = known(chardet.detect(sample) ?? '') ?? 'windows-1252';
  draft.warn('ENCODING_GUESSED', `The file does not name its encoding: read as ${guessed}`);
  return guessed;
}

function declaredIn(buffer: Buffer): string | undefined {
  const head = buffer.toString('latin1', 0, declaredWithin);
  const label = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(head)?.[1];
  return label === undefined ? undefined : known(label);
}

/** The standard name of an encoding; undefined if there is no such encoding. */
function known(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
