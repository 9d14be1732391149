import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileError } from './file-error.ts';
import type { ReadLimits } from './options.ts';

export type Chunks = AsyncGenerator<Buffer, void, void>;

/** The source's chunks as Buffers, without copying; skips empty ones. */
export async function* chunksOf(source: AsyncIterable<Uint8Array>): Chunks {
  for await (const chunk of source) {
    if (chunk.length > 0) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
}

/** Reads at least `bytes`, or to the end. `chunks` yields everything again, including what was read. */
export async function peek(chunks: Chunks, bytes: number): Promise<{ head: Buffer; chunks: Chunks }> {
  const read: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const next = await chunks.next();
    if (next.done) break;
    read.push(next.value);
    length += next.value.length;
  }
  return { head: Buffer.concat(read).subarray(0, bytes), chunks: putBack(read, chunks) };
}

async function* putBack(read: readonly Buffer[], chunks: Chunks): Chunks {
  yield* read;
  yield* chunks;
}

/** Skips the first `bytes`. Throws `POSITION_INVALID` if there are fewer. */
export async function* skipping(chunks: Chunks, bytes: number): Chunks {
  let left = bytes;
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
  if (left > 0) throw new FileError('POSITION_INVALID', `The file ends ${left} bytes before the position`);
}

/** Short texts may have any compression ratio; a bomb only shows after this much output. */
export const ratioCountsFrom = 16 * 2 ** 20;

/** Throws `DECOMPRESSION_BOMB` if `out` bytes are too many, in total or in proportion to `into` compressed bytes. */
export function checkExpansion(into: number, out: number, limits: ReadLimits): void {
  const { maxUncompressedBytes, maxRatio } = limits;
  if (out > maxUncompressedBytes) {
    throw new FileError('DECOMPRESSION_BOMB', `The file unpacks to more than ${maxUncompressedBytes} bytes`, {
      maxUncompressedBytes,
    });
  }
  if (out > ratioCountsFrom && out > into * maxRatio) {
    throw new FileError('DECOMPRESSION_BOMB', `The file unpacks to more than ${maxRatio} times its size`, {
      maxRatio,
    });
  }
}

/** Throws `GZIP_DAMAGED` or `DECOMPRESSION_BOMB`. Passes the source's errors on. */
export async function* gunzipped(chunks: Chunks, limits: ReadLimits): Chunks {
  const source = Readable.from(chunks, { objectMode: true, highWaterMark: 1 });
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  let out = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      out += chunk.length;
      checkExpansion(gunzip.bytesWritten, out, limits);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new FileError('GZIP_DAMAGED', 'The gzip file is damaged or incomplete', undefined, error);
    }
    throw error;
  } finally {
    gunzip.destroy();
    source.destroy();
  }
}
