import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { pick, type Random, whole } from '../../src/stand-ins/physics/chance.ts';

const columns = ['id', 'city', 'note', 'price'];

const cities = ['Lisbon', 'Bergen', 'São Paulo', '東京', 'Αθήνα', 'Łódź', 'القاهرة', 'Zürich'];
/** What goes wrong when somebody cuts a file at the wrong place, or in the wrong encoding. */
const notes = [
  'plain',
  '',
  'two\nlines',
  'three\r\nlines\r\n',
  'said "so", twice: ""',
  'a, b; c\td|e',
  ' spaces around ',
  '=1+2',
  '👩‍🚀 é ﬁ \u00a0',
  '"',
];

/** Writes a CSV file of so many rows, each with a number of its own, that the random numbers decide. */
export async function writeInput(path: string, count: number, random: Random): Promise<void> {
  const lines = function* () {
    yield `${columns.join(',')}\r\n`;
    for (let id = 0; id < count; id += 1) {
      const price = (whole(random, 0, 99_999) / 100).toFixed(2);
      yield `${id},${quoted(pick(random, cities))},${quoted(pick(random, notes))},${price}\r\n`;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
}

function quoted(text: string): string {
  return /[",;\t|\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a CSV file holds: its rows, and a checksum over all cells in their order. Read by a reader that is not ours. */
export interface Content {
  rows: number;
  sha256: string;
  /** Row from 1 at which the numbers are not 0, 1, 2, … any more. */
  outOfOrder?: number;
}

export async function contentOf(path: string): Promise<Content> {
  const hash = createHash('sha256');
  let rows = -1;
  let outOfOrder: number | undefined;
  const reading = createReadStream(path).pipe(parse({ record_delimiter: '\r\n', relax_column_count: true }));
  for await (const cells of reading as AsyncIterable<string[]>) {
    hash.update(`${JSON.stringify(cells)}\n`);
    if (rows >= 0 && cells[0] !== String(rows)) outOfOrder ??= rows + 1;
    rows += 1;
  }
  return { rows, sha256: hash.digest('hex'), ...(outOfOrder !== undefined && { outOfOrder }) };
}
