import { systemClock } from '../../../src/core/engine/clock.ts';
import { runUnderBudget } from '../../../src/core/engine/run.ts';
import type { Blobs, Log } from '../../../src/core/jobs/model/ports.ts';
import type { ItemContext, Workload } from '../../../src/core/jobs/workload.ts';
import type { ExtractedFile } from '../../../src/workloads/extract-files/outcome.ts';
import {
  type ExtractOptions,
  extractOptions,
  type FileItem,
} from '../../../src/workloads/extract-files/schema.ts';
import type { ParserPool } from '../../../src/workloads/extract-files/threads/pool.ts';
import { type ExtractPorts, extractFiles } from '../../../src/workloads/extract-files/workload.ts';

type Files = Workload<FileItem, ExtractOptions, ExtractedFile>;
/** What became of each file, in their order; undefined for one that failed. */
export type Results = readonly (ExtractedFile | undefined)[];
export type Run = (workload: Files, items: readonly FileItem[]) => Promise<Results>;

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const options = extractOptions.parse({});

/** The workload as it is, over another store. */
export function workloadOver(blobs: Blobs, pool: ParserPool): Files {
  const metrics = { count: () => {}, milliseconds: () => {} };
  // Of what the workload is given for upstreams it takes the clock and the metrics.
  const upstreamDeps = { clock: systemClock, metrics } as unknown as ExtractPorts['upstreamDeps'];
  return extractFiles({ blobs, upstreamDeps }, pool) as unknown as Files;
}

function contextOf(index: number, signal: AbortSignal): ItemContext<ExtractOptions> {
  const stopAt = systemClock.now() + 3_600_000;
  const slice = { id: '000000', before: [], items: 1 };
  const ref = { jobId: 'bench', tenant: 'bench', index, options, slice };
  return { ...ref, idempotencyKey: `bench#${index}`, signal, stopAt, log: silent };
}

/** As a worker runs a slice. */
export const spillway: Run = async (workload, items) => {
  const settlements = await runUnderBudget([...items.entries()], {
    concurrency: workload.limits.concurrency,
    clock: systemClock,
    stopAt: systemClock.now() + 3_600_000,
    expectedMs: () => 1_000,
    run: ([index, item], signal) => workload.run(item, contextOf(index, signal)),
  });
  return settlements.map((one) => (one.status === 'succeeded' ? one.output : undefined));
};

const never = new AbortController().signal;

/** One after the other. */
export const sequential: Run = async (workload, items) => {
  const results: ExtractedFile[] = [];
  for (const [index, item] of items.entries())
    results.push(await workload.run(item, contextOf(index, never)));
  return results;
};

/** As many as there are slots, then all of the next, with a pause in between. */
export const lockStep =
  (slots: number, pauseMs: number): Run =>
  async (workload, items) => {
    const results: (ExtractedFile | undefined)[] = [];
    for (let from = 0; from < items.length; from += slots) {
      if (from > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const batch = items.slice(from, from + slots);
      const settled = await Promise.allSettled(
        batch.map((item, at) => workload.run(item, contextOf(from + at, never))),
      );
      results.push(...settled.map((one) => (one.status === 'fulfilled' ? one.value : undefined)));
    }
    return results;
  };
