/**
 * Documents: how well slots are kept busy when files are slow to come, and what is left of the parsers' own speed when
 * they are not.
 *
 * Slow files take 15 to 30 s in the service that this took the place of, one after the other; here a twentieth of that.
 * Only the store is slow: everything behind it is the workload as it is, with its threads, its cache and the text that it
 * leaves. Limit: each file starts in order as soon as one of the eight slots is free, at no cost; computed from how long
 * the store really took.
 *
 * Real files are made by the project, no two alike, and lie in memory. Limit: the same parsers in as many threads, each
 * given the next file when it is done; no engine, no hashes, no cache, no limits. Of five rounds, in
 * each of which both run one after the other, the one with the median ratio counts. `cpuSeconds` are over all threads; their share of the limit's hardly depends on what else the machine does. Nor does
 * `longestTurnCpuMs`, what the engine's thread computed at most without letting go; `eventLoopMaxMs` is the longest that its
 * event loop was held, also by other processes.
 */
import { availableParallelism } from 'node:os';
import { finishTimes } from '../../src/core/engine/finish-times.ts';
import { createParserPool } from '../../src/workloads/extract-files/threads/pool.ts';
import type { Bench, Report } from './bench.ts';
import { openBarePool } from './extract-files/bare-pool.ts';
import { documents, notes, prefix } from './extract-files/documents.ts';
import { memoryStore } from './extract-files/store.ts';
import {
  lockStep,
  type Results,
  type Run,
  sequential,
  spillway,
  workloadOver,
} from './extract-files/systems.ts';
import { type Timed, timed } from './extract-files/timed.ts';

const slots = 8;
const scale = 20;
/** Between batches, as the original made it: 2 s. */
const pauseMs = 2_000 / scale;
const rounds = 5;

interface Setup {
  slow: readonly { count: number; systems: Readonly<Record<string, Run>> }[];
  real: number;
}

export function extractFilesBench({ slow, real }: Setup): Bench {
  return {
    name: 'extract-files',
    about: `files that take 15 to 30 s (÷ ${scale}) in ${slots} slots; ${real} real documents`,
    async run(report) {
      for (const { count, systems } of slow) await measureSlow(report, count, systems);
      await measureReal(report, real);
    },
  };
}

const batches = lockStep(slots, pauseMs);

export const extractFiles = extractFilesBench({
  slow: [
    { count: 10, systems: { spillway, 'one after the other': sequential } },
    { count: 50, systems: { spillway, 'lock-step batches': batches } },
  ],
  real: 200,
});

/** 15 to 30 s, scaled, spread evenly and in no order; the same every time. Milliseconds. */
const slowness = (n: number) => (15_000 + 15_000 * ((n * 0.618_034) % 1)) / scale;

async function measureSlow(
  report: Report,
  count: number,
  systems: Readonly<Record<string, Run>>,
): Promise<void> {
  const pool = createParserPool();
  const files = notes(count);
  const items = [...files.keys()].map((key) => ({ key }));
  for (const [system, run] of Object.entries(systems)) {
    report.note(`${count} slow files: ${system}`);
    const took: number[] = [];
    const blobs = memoryStore(files, async (key) => {
      const n = Number.parseInt(key.slice(prefix.length), 10);
      const startedAt = performance.now();
      await new Promise((resolve) => setTimeout(resolve, slowness(n)));
      took[n] = performance.now() - startedAt;
    });
    // Threads and parsers are there before the clock starts.
    await warmUp(pool);
    const { seconds, results, eventLoopMaxMs, longestTurnCpuMs } = await timed(() =>
      run(workloadOver(blobs, pool), items),
    );
    const limitSeconds = Math.max(...finishTimes(count, slots, (n) => took[n] ?? 0)) / 1000;
    const name = `${count} slow files`;
    const extra = { case: name, eventLoopMaxMs, longestTurnCpuMs };
    if (system === 'spillway') {
      const seconds = limitSeconds;
      report.row({
        system: 'limit',
        seconds,
        items: count,
        limitSeconds,
        checked: true,
        extra: { case: name },
      });
    }
    report.row({ system, seconds, items: count, limitSeconds, checked: areRight(results, files), extra });
  }
  await pool.close();
}

async function measureReal(report: Report, count: number): Promise<void> {
  report.note(`making ${count} documents`);
  const files = await documents(count);
  const items = [...files.keys()].map((key) => ({ key }));
  const threads = Math.min(4, availableParallelism());
  const pool = createParserPool({ threads });
  const bare = await openBarePool(threads);
  const measured: { raw: Timed<unknown>; own: Timed<Results> }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const raw = await timed(() => bare.parseAll(files));
    // A store of its own for each round: nothing is in the cache.
    const own = await timed(() => spillway(workloadOver(memoryStore(files), pool), items));
    measured.push({ raw, own });
    report.note(`round ${round}: limit ${raw.seconds.toFixed(2)} s, spillway ${own.seconds.toFixed(2)} s`);
  }
  await Promise.all([pool.close(), bare.close()]);
  const sorted = measured.sort((a, b) => a.raw.seconds / a.own.seconds - b.raw.seconds / b.own.seconds);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (!median) return;
  const { raw, own } = median;
  const row = { items: count, limitSeconds: raw.seconds };
  const name = `${count} documents`;
  report.row({
    ...row,
    system: 'limit',
    seconds: raw.seconds,
    checked: true,
    extra: { case: name, cpuSeconds: raw.cpuSeconds },
  });
  report.row({
    ...row,
    system: 'spillway',
    seconds: own.seconds,
    checked: areRight(own.results, files),
    extra: {
      case: name,
      cpuSeconds: own.cpuSeconds,
      eventLoopMaxMs: own.eventLoopMaxMs,
      longestTurnCpuMs: own.longestTurnCpuMs,
      speedOfLimitPercent: (100 * raw.seconds) / own.seconds,
    },
  });
}

async function warmUp(pool: ReturnType<typeof createParserPool>): Promise<void> {
  const blobs = memoryStore(notes(8));
  await spillway(
    workloadOver(blobs, pool),
    [...notes(8).keys()].map((key) => ({ key })),
  );
}

/** Every file has its own text: of notes all the words, of documents their title. */
function areRight(results: Results, files: ReadonlyMap<string, Buffer>): boolean {
  const keys = [...files.keys()];
  return keys.every((key, n) => {
    const result = results[n];
    if (result?.key !== key || result.cached || result.words < 100) return false;
    return key.endsWith('.txt') ? files.get(key)?.toString() === result.excerpt : result.title !== null;
  });
}
