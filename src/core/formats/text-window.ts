import type { Chunks } from './bytes.ts';
import { decode, type Encoding, encodedLength, isConverted, type MeasuredEncoding } from './encoding.ts';
import { FileError } from './file-error.ts';
import { padding } from './values.ts';

/**
 * The part of a text that is being read: `text` begins after the finished rows and grows at its end. Tracks
 * the byte offset of its beginning.
 */
export class TextWindow {
  text = '';
  /** Nothing follows `text`. */
  ended = false;
  #byteOffset: number;
  #left: Buffer = Buffer.alloc(0);
  /** Offset of the first byte that has not been decoded. */
  #nextByte: number;
  /** Offset of the first byte that is not text, once it has been seen. */
  #invalidAt: number | undefined;
  /** Of the file, in which its user thinks of it. */
  readonly encoding: Encoding;
  /** Of the chunks. */
  readonly #encoding: MeasuredEncoding;
  readonly #chunks: Chunks;

  /** `chunks` are UTF-8 if the encoding is one that is converted. */
  constructor(chunks: Chunks, encoding: Encoding, byteOffset: number) {
    this.#chunks = chunks;
    this.encoding = encoding;
    this.#encoding = isConverted(encoding) ? 'utf-8' : encoding;
    this.#byteOffset = byteOffset;
    this.#nextByte = byteOffset;
  }

  /** Offset of the text's first character in the uncompressed, converted file. */
  get byteOffset(): number {
    return this.#byteOffset;
  }

  /** Removes the first `chars`. */
  drop(chars: number): void {
    if (chars === 0) return;
    this.#byteOffset += encodedLength(this.text.slice(0, chars), this.#encoding);
    this.text = this.text.slice(chars);
  }

  /**
   * Reads until the text is twice as long, or ends. A reader that restarts at the same row then restarts only
   * a logarithmic number of times, even with small chunks. Throws `ENCODING_INVALID` at `row` if the next
   * bytes are not text.
   */
  async more(row: number): Promise<void> {
    this.#refuseInvalid(row);
    const parts = [this.text];
    const enough = this.text.length * 2;
    for (let length = this.text.length; ; ) {
      const next = await this.#chunks.next();
      if (next.done) {
        this.ended = this.#left.length === 0;
        if (!this.ended) this.#invalidAt = this.#nextByte;
        break;
      }
      const bytes = this.#left.length > 0 ? Buffer.concat([this.#left, next.value]) : next.value;
      const { text, left, invalidAt } = decode(bytes, this.#encoding);
      parts.push(text);
      length += text.length;
      this.#left = bytes.subarray(bytes.length - left);
      if (invalidAt !== undefined) this.#invalidAt = this.#nextByte + invalidAt;
      this.#nextByte += bytes.length - left;
      if (invalidAt !== undefined || (length > 0 && length >= enough)) break;
    }
    const grown = parts.join('');
    if (grown.length === this.text.length) this.#refuseInvalid(row);
    this.text = this.ended ? grown.replace(padding, '') : grown;
  }

  #refuseInvalid(row: number): void {
    const byte = this.#invalidAt;
    if (byte === undefined) return;
    const { encoding } = this;
    const advice =
      encoding === 'utf-8' ? ': save the file as UTF-8, or name its encoding, such as windows-1252' : '';
    // The offset in the converted text would mislead.
    const place = isConverted(encoding) ? '' : ` (at byte offset ${byte})`;
    throw new FileError('ENCODING_INVALID', `Row ${row} is not ${encoding.toUpperCase()}${place}${advice}`, {
      row,
      ...(place && { byte }),
      encoding,
    });
  }
}
