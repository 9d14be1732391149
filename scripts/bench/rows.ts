/**
 * Rows of a file: CSV in, each row an item of its own that comes back as it is (`echo`), CSV out, in order. Measured from the
 * submission to the finished file, reading and writing included; processes and servers are up before. What comes
 * out is right when it is the input, byte for byte.
 *
 * Limit: the same file through Spillway's own reader and writer in one pass, in one process, with nothing in between.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Report } from './bench.ts';
import { works } from './child.ts';
import { median } from './median.ts';
import { redisMissing } from './redis.ts';
import { type File, hashOf, writeFile } from './rows/file.ts';
import { bullmq, celery, inOnePass, spillway } from './rows/systems.ts';

const small = 200_000;
const large = 2_000_000;
/** Half way: with three sizes it shows whether a row costs the same however many there are. */
const middle = (small + large) / 2;
/** Runs of Spillway with each size, of which the medians tell how the time grows. */
const rounds = 3;
/** Rows for Celery: its first ones, since all of them would take a quarter of an hour. */
const sample = 20_000;

export const rows: Bench = {
  name: 'rows',
  about: `CSV files of ${small / 1e3},000 and ${large / 1e6},000,000 rows, row by row through echo`,
  async run(report) {
    const directory = await mkdtemp(join(tmpdir(), 'spillway-bench-rows-'));
    try {
      const file = await writeFile(join(directory, 'small.csv'), small);
      const pass = await inOnePass(file);
      await measured(report, file, 'limit', pass.seconds, () => Promise.resolve(pass));
      const first = await measured(report, file, 'spillway', pass.seconds, () => spillway(file));
      const missing = peersMissing();
      if (missing !== undefined) for (const name of ['BullMQ', 'Celery']) report.skip(name, missing);
      else {
        await measured(report, file, 'BullMQ', pass.seconds, () => bullmq(file));
        const part = await writeFile(join(directory, 'part.csv'), sample);
        const limit = (pass.seconds * sample) / small;
        await measured(report, part, 'Celery', limit, () => celery(part), caseOf(file));
      }

      const many = await writeFile(join(directory, 'large.csv'), large);
      const longPass = await inOnePass(many);
      await measured(report, many, 'limit', longPass.seconds, () => Promise.resolve(longPass));
      const last = await measured(report, many, 'spillway', longPass.seconds, () => spillway(many));
      if (missing === undefined) await measured(report, many, 'BullMQ', longPass.seconds, () => bullmq(many));

      const half = await writeFile(join(directory, 'middle.csv'), middle);
      await growth(report, longPass.seconds, [
        { file, seconds: [first] },
        { file: half, seconds: [] },
        { file: many, seconds: [last] },
      ]);
    } finally {
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};

interface Size {
  file: File;
  /** Of Spillway's runs so far. */
  seconds: number[];
}

/**
 * How Spillway's time grows with the rows: what the second half of them adds over what the first half adds, both being as
 * many. 1 is linear; a start that every run has does not count.
 */
async function growth(report: Report, limitSeconds: number, sizes: [Size, Size, Size]): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    for (const { file, seconds } of sizes) {
      if (seconds.length < round) seconds.push(await checkedSeconds(file, await spillway(file)));
    }
  }
  const [few, some, many] = sizes.map(({ seconds }) => median(seconds)) as [number, number, number];
  const extra = {
    case: `growth, medians of ${rounds} runs`,
    secondsOfSmall: few,
    secondsOfMiddle: some,
    growth: (many - some) / (some - few),
    timesPerRow: many / large / (few / small),
  };
  report.row({ system: 'spillway', seconds: many, items: large, limitSeconds, checked: true, extra });
}

const caseOf = ({ rows }: File) => `${rows.toLocaleString('en-US')} rows`;

function peersMissing(): string | undefined {
  const python = works('/usr/bin/python3', ['-c', 'import celery, redis']);
  return redisMissing() ?? (python ? undefined : 'the Python packages celery and redis are not installed');
}

/** What a system took, and what else there is to say about it. */
interface Run {
  seconds: number;
  /** The finished file. */
  output: string;
  [more: string]: number | string;
}

async function measured(
  report: Report,
  file: File,
  system: string,
  limitSeconds: number,
  run: () => Promise<Run>,
  title = caseOf(file),
): Promise<number> {
  const { seconds, output, ...more } = await run();
  report.note(`${system}: ${seconds.toFixed(1)} s, ${Math.round(file.rows / seconds)} rows/s`);
  const checked = await isSame(file, output);
  const extra = {
    case: title,
    rowsPerSecond: Math.round(file.rows / seconds),
  };
  report.row({ system, seconds, items: file.rows, limitSeconds, checked, extra: { ...extra, ...more } });
  return seconds;
}

/** Whether a finished file is the input, byte for byte. It is not kept. */
async function isSame(file: File, output: string): Promise<boolean> {
  const same = (await hashOf(output)) === file.sha256;
  await rm(output, { force: true });
  return same;
}

async function checkedSeconds(file: File, { seconds, output }: Run): Promise<number> {
  if (!(await isSame(file, output))) throw new Error(`What came of ${file.path} is not what went in`);
  return seconds;
}
