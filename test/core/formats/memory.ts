/**
 * `node test/core/formats/memory.ts [rows]`: writes and reads tables of 10 columns (default: 1,000,000 rows) in every format,
 * each in a process of its own. Prints rows a second and the peak of the resident memory, which the kernel tells
 * (`VmHWM`, so Linux only); fails at 300 MB or more. `--keep <directory>` leaves the files there for other readers.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import type { WriteOptions } from '../../../src/core/formats/options.ts';
import type { Row } from '../../../src/core/formats/rows.ts';
import { writeRows } from '../../../src/core/formats/write-rows.ts';

const limitMb = 300;

const files: Record<string, WriteOptions> = {
  csv: { format: 'csv' },
  'csv.gz': { format: 'csv', gzip: true },
  jsonl: { format: 'jsonl' },
  json: { format: 'json' },
  xlsx: { format: 'xlsx' },
};

function* table(count: number): Generator<Row[]> {
  for (let from = 0; from < count; from += 500) {
    yield Array.from({ length: Math.min(500, count - from) }, (_, i) => person(from + i));
  }
}

const person = (id: number): Row => ({
  id,
  name: `Name ${id}`,
  email: `user${id}@example.com`,
  city: 'Berlin',
  country: 'DE',
  price: Math.round(id * 137.3) / 100,
  quantity: id % 7,
  note: `a "quoted", note ${id} ü`,
  date: '2026-01-02',
  active: id % 3 === 0,
});

async function written(path: string, name: string, count: number): Promise<number> {
  const options = files[name];
  if (!options) throw new Error(`No such file: ${name}`);
  await pipeline(Readable.from(writeRows(table(count), options)), createWriteStream(path));
  return count;
}

async function read(path: string): Promise<number> {
  let count = 0;
  for await (const { rows } of openRows(createReadStream(path, { highWaterMark: 256 * 1024 }))) {
    for (const row of rows) {
      const id = row.problem ? Number.NaN : Number(row.value.id);
      if (id !== count++) throw new Error(`Row ${row.row} has the id ${id}`);
    }
  }
  return count;
}

/** One measurement, in a process of its own. */
async function measure(action: string, path: string, name: string, count: number): Promise<void> {
  const startedAt = performance.now();
  const done = action === 'write' ? await written(path, name, count) : await read(path);
  const perSecond = Math.round((done / (performance.now() - startedAt)) * 1000);
  if (done !== count) throw new Error(`${done} rows instead of ${count}`);
  const status = await readFile('/proc/self/status', 'utf8');
  const peakMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
  const sizeMb = Math.round((await stat(path)).size / 2 ** 20);
  console.log(
    `${action.padEnd(5)} ${name.padEnd(6)} ${perSecond.toLocaleString('en').padStart(9)} rows/s, peak ${peakMb} MB, file ${sizeMb} MB`,
  );
  if (peakMb >= limitMb) process.exitCode = 1;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'string' } },
});
const [rows = '1000000', action, path, name] = positionals;
if (action && path && name) {
  await measure(action, path, name, Number(rows));
} else {
  const directory = values.keep ?? (await mkdtemp(join(tmpdir(), 'spillway-formats-')));
  try {
    for (const file of Object.keys(files)) {
      for (const step of ['write', 'read']) {
        const child = fork(import.meta.filename, [rows, step, join(directory, `rows.${file}`), file]);
        const [code] = await once(child, 'exit');
        if (code !== 0) process.exitCode = 1;
      }
    }
  } finally {
    if (!values.keep) await rm(directory, { recursive: true });
  }
}
