import { describe, expect, it } from 'vitest';
import { inProcess } from '../../scripts/bench/latency/in-process.ts';
import { logNormal } from '../../scripts/bench/latency/items.ts';
import type { System } from '../../scripts/bench/latency/system.ts';
import { latencyBench } from '../../scripts/bench/latency.ts';
import { overheadBench } from '../../scripts/bench/overhead.ts';
import { runBenches } from '../../scripts/bench/run.ts';

const tinyLatency = (systems: readonly System[]) =>
  runBenches([latencyBench({ items: 23, medianMs: 2, sigma: 1, slots: [2, 5], systems })], () => {});

describe('latency', () => {
  it('measures every system at every number of slots, at the same work', async () => {
    const { rows, failures } = await tinyLatency(inProcess);
    expect(failures).toEqual([]);
    const systems = ['limit', ...inProcess.map(({ name }) => name)];
    expect(rows.map(({ system, extra }) => `${system}, ${extra.case}`)).toEqual(
      ['2 slots', '5 slots'].flatMap((slots) => systems.map((system) => `${system}, ${slots}`)),
    );
    expect(rows.every(({ checked, items }) => checked && items === 23)).toBe(true);
    expect(new Set(rows.map(({ limitSeconds }) => limitSeconds)).size).toBe(2);
  });

  it('notices results that are missing or out of order, and says what it could not measure', async () => {
    const system = (name: string, results: (values: number[]) => unknown[], reason?: string): System => ({
      name,
      missing: () => reason,
      run: async (items) => ({ seconds: 1, results: results(items.map(({ value }) => value)) }),
    });
    const { rows, skips } = await tinyLatency([
      system('honest', (values) => values),
      system('lazy', (values) => values.slice(1)),
      system('jumbled', (values) => values.toReversed()),
      system('absent', () => [], 'it is not there'),
    ]);
    const unchecked = rows.filter(({ checked }) => !checked).map(({ system }) => system);
    expect(unchecked).toEqual(['lazy', 'jumbled', 'lazy', 'jumbled']);
    expect(skips).toEqual([{ bench: 'latency', system: 'absent', reason: 'it is not there' }]);
  });

  it('draws the same latencies every time, with the median that was asked for', () => {
    const drawn = logNormal(1000, 25, 1);
    expect(logNormal(1000, 25, 1)).toEqual(drawn);
    const sorted = drawn.toSorted((a, b) => a - b);
    expect(sorted[500]).toBeGreaterThanOrEqual(22);
    expect(sorted[500]).toBeLessThanOrEqual(28);
    expect(sorted[990]).toBeGreaterThan(200);
  });
});

describe('overhead', () => {
  it('measures every system, checks its results and counts its memory', async () => {
    const bench = overheadBench({ items: 300, slots: 4, rounds: 3 });
    const { rows, failures } = await runBenches([bench], () => {});
    expect(failures).toEqual([]);
    expect(rows.map(({ system }) => system)).toEqual(['limit', 'spillway', 'p-limit', 'p-map', 'p-queue']);
    expect(rows.every(({ checked, seconds, items }) => checked && seconds > 0 && items === 300)).toBe(true);
  });
});
