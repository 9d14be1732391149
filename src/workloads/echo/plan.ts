import type { Figures } from '../../core/forecast/figures.ts';

/** 2,000,000 rows in 38.6 s on two CPUs, reading, recording and writing included: docs/benchmarks.md, rows. */
const cpuMs = (38.6 * 2 * 1_000) / 2_000_000;
/** Bytes of the same rows, and of what an outcome adds. */
const rowBytes = 104;

/** What returning an item takes: its delay, and hardly anything else. */
export function echoFigures({ delayMs }: { delayMs: number }): Figures {
  return {
    itemMs: { typical: Math.max(delayMs, cpuMs), sigma: 0 },
    itemMsGiven: delayMs > 0,
    cpuMs,
    sourceBytes: rowBytes,
    outputBytes: rowBytes,
    assumed: [`an item takes the ${delayMs} ms of the option delayMs; delays in the items do not count`],
  };
}
