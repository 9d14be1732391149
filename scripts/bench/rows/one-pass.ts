/** `one-pass.ts <input> <output>`: a CSV file read and written again. Prints the seconds that it took. */
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import type { Row } from '../../../src/core/formats/rows.ts';
import { writeRows } from '../../../src/core/formats/write-rows.ts';
import { columns } from './file.ts';

const [input = '', output = ''] = process.argv.slice(2);

async function* rowsOf(path: string): AsyncGenerator<Row[]> {
  const bytes = createReadStream(path, { highWaterMark: 2 ** 20 });
  for await (const { rows } of openRows(bytes, { name: path, batchSize: 1_000 }))
    yield rows.flatMap((row) => (row.problem ? [] : [row.value]));
}

const startedAt = performance.now();
await pipeline(writeRows(rowsOf(input), { format: 'csv', columns: [...columns] }), createWriteStream(output));
console.log((performance.now() - startedAt) / 1000);
