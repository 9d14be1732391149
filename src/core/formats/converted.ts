import type { Chunks } from './bytes.ts';
import type { ConvertedEncoding } from './encoding.ts';

/** Stands for bytes that mean nothing in the encoding; none of the encodings uses it for anything else. */
const replacement = '\ufffd';
/** A byte that is not UTF-8. */
const invalid = Buffer.from([0xff]);

/**
 * The text as UTF-8, without its byte order mark. At the first bytes that are no text it ends with a byte that is not
 * UTF-8, so that the reader names the row.
 */
export async function* toUtf8(chunks: Chunks, encoding: ConvertedEncoding): Chunks {
  const decoder = await decoderOf(encoding);
  for await (const chunk of chunks) {
    const text = decoder.write(chunk);
    const bad = text.indexOf(replacement);
    if (bad >= 0) {
      yield Buffer.concat([Buffer.from(text.slice(0, bad)), invalid]);
      return;
    }
    if (text !== '') yield Buffer.from(text);
  }
  // The bytes of a last character that is cut off.
  if (decoder.end()) yield invalid;
}

interface StreamDecoder {
  write(bytes: Buffer): string;
  end(): string | undefined;
}

/**
 * Each encoding by the decoder that is right about it. The platform's knows neither UTF-32 nor the Korean characters
 * that Windows added, and swaps control characters of Japanese texts; iconv-lite loses the end of a character of four
 * bytes when its last byte comes alone, which only GB 18030 has, and does not know ISO-2022-JP.
 */
async function decoderOf(encoding: ConvertedEncoding): Promise<StreamDecoder> {
  if (encoding === 'gbk' || encoding === 'gb18030' || encoding === 'iso-2022-jp') {
    const decoder = new TextDecoder(encoding);
    return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
  }
  // Loaded on first use: its tables are large, and such files are rare.
  const { default: iconv } = await import('iconv-lite');
  return iconv.getDecoder(encoding);
}
