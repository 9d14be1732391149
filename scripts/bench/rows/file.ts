import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A CSV file that is to be worked through. */
export interface File {
  path: string;
  rows: number;
  /** Of its bytes, in hex. */
  sha256: string;
}

export const columns = ['id', 'name', 'email', 'city', 'note', 'amount'] as const;

/** Rows that are written at a time. */
const chunk = 1_000;

/**
 * Writes so many rows of 104 bytes on average, every 50th with a line break within quotes. Quoted as RFC 4180 asks for and no more,
 * so that whoever writes the same rows writes the same bytes.
 */
export async function writeFile(path: string, rows: number): Promise<File> {
  const text = function* () {
    yield `${columns.join(',')}\r\n`;
    for (let from = 0; from < rows; from += chunk) {
      let lines = '';
      for (let id = from; id < Math.min(rows, from + chunk); id += 1) lines += line(id);
      yield lines;
    }
  };
  await pipeline(Readable.from(text()), createWriteStream(path));
  return { path, rows, sha256: await hashOf(path) };
}

function line(id: number): string {
  const note =
    id % 50 === 0
      ? '"said ""hello"",\nand left"'
      : `nothing more to say about number ${String((id * 7_919) % 100_003).padStart(6, '0')}`;
  const amount = `${(id * 31) % 9_973}.${String(id % 100).padStart(2, '0')}`;
  return `${id},"Name ${id}, Jr",user${id}@example.com,Zürich ${id % 100},${note},${amount}\r\n`;
}

/** SHA-256 of a file's bytes in hex. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
