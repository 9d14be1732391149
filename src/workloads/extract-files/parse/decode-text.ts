import { isUtf8 } from 'node:buffer';
import chardet from 'chardet';
import { byteOrderMark, looksLikeUtf16 } from '../../../core/formats/encoding.ts';
import { ExtractError } from '../extract-error.ts';
import type { Draft } from './draft.ts';

/** Bytes by which an encoding is guessed. */
const sampleBytes = 64 * 1024;
/** Where a page has to say how it is encoded. */
const declaredWithin = 1_024;

/**
 * The text of a file of text, whatever its encoding: a byte order mark counts first, then what a page says of itself,
 * then UTF-8 if it is, then the likeliest. Throws `FILE_UNSUPPORTED` where there is no text.
 */
export function decodeText(bytes: Uint8Array, draft: Draft, { htmlHint = false } = {}): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new TextDecoder(encodingOf(buffer, draft, htmlHint)).decode(buffer);
}

function encodingOf(buffer: Buffer, draft: Draft, htmlHint: boolean): string {
  const mark = byteOrderMark(buffer);
  if (mark) return mark.encoding;
  if (isUtf8(buffer) && !buffer.subarray(0, sampleBytes).includes(0)) return 'utf-8';
  if (looksLikeUtf16(buffer)) return buffer[0] === 0 ? 'utf-16be' : 'utf-16le';
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

/** The standard's name of an encoding; undefined where there is none of that name. */
function known(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
