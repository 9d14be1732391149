import { describe, expect, it } from 'vitest';
import type { Cost } from '../../../src/core/forecast/cost.ts';
import { footprintOf, mostSlices } from '../../../src/core/forecast/footprint.ts';
import { forecast, scaleWith } from '../../../src/core/forecast/forecast.ts';
import { unitsOf, unitsWhileGrowing } from '../../../src/core/forecast/growth.ts';
import { type PlanInput, readPlan } from '../../../src/core/forecast/input.ts';
import { prices, pricesOn } from '../../../src/core/forecast/prices.ts';
import { slicesOf } from '../../../src/core/forecast/slices.ts';
import { round } from './examples.ts';

const quantity = ({ lines }: Cost, service: string, what: string) =>
  lines.find((one) => one.service === service && one.what === what)?.quantity;

describe('units of a growing record', () => {
  it('are the mean of the stairs', () => {
    expect(unitsWhileGrowing(0, 2_048, 1_024)).toBeCloseTo(1.5);
    expect(unitsWhileGrowing(512, 1_536, 1_024)).toBeCloseTo(1.5);
    expect(unitsWhileGrowing(100, 200, 1_024)).toBe(1);
    expect(unitsWhileGrowing(3_000, 3_000, 1_024)).toBe(unitsOf(3_000, 1_024));
    expect(unitsOf(0, 1_024)).toBe(1);
  });

  it('let a job count some 58,000 slices', () => {
    expect(mostSlices).toBe(58_464);
  });
});

describe('what a run asks of AWS', () => {
  /** One worker, 20 slices of 5.15 s, a checkpoint each second. */
  const footprint = (more: Partial<PlanInput> = {}) => {
    const input = round({ worker: { most: 1 }, ...more });
    const plan = readPlan(input);
    return footprintOf(plan, slicesOf(plan), scaleWith(forecast(input)));
  };

  it('is counted by hand for twenty slices', () => {
    expect(footprint()).toMatchObject({
      invocations: 20,
      sweeps: 2,
      // Two sends of ten messages each, 20 received, 20 deleted.
      sqsRequests: 42,
      sqsFairRequests: 2,
      // Items of 20 slices; six checkpoints for each; an output that is opened and closed.
      puts: 20 + 120 + 2,
      // Items of each; every part once for the output.
      gets: 20 + 120,
      // 20 slices, job, key and two listings, the end and striking off; 20 claims and 120 checkpoints; 20 settled,
      // 20 times what was learned.
      tableWrites: 26 + 140 + 20 + 20,
      // Job, its stop, twice what was learned, the slice at its end; the job each second; two sweeps: the list, 7.8 KB of slices.
      tableReads: 20 * 4 + 20 + 103 + 2 * (1 + 2),
    });
  });

  it('has no more checkpoints than items, nor fewer than deliveries', () => {
    expect(footprint({ checkpointMs: 0 }).puts).toBe(20 + 20 * 50 + 2);
    expect(footprint({ checkpointMs: 1e6 }).puts).toBe(20 + 20 + 2);
  });

  it('hands on what outlives an invocation', () => {
    // 1,000 items of a second one after the other: 1,000.15 s, 295 s at a time.
    const needs = footprint({ slots: 1, sliceSize: 1_000 });
    expect(needs).toMatchObject({ invocations: 4, sqsRequests: 1 + 8 + 3, sqsFairRequests: 1 + 3 });
  });

  it('reserves a shared rate for five requests at a time', () => {
    const api = { name: 'api', callsPerItem: 1, bytesIn: 0, bytesOut: 0, latencyMs: 100 };
    const rates = [{ perSecond: 1_000, burst: 100 }];
    const more = footprint({ upstreams: [{ ...api, rates }] });
    expect(more.tableWrites - footprint({ upstreams: [api] }).tableWrites).toBe(200);
  });

  it("reads a job's record that grows with the square of the slices", () => {
    const reads = (items: number) => footprint({ items }).tableReads / items;
    expect(reads(1_000_000)).toBeGreaterThan(5 * reads(1_000));
  });
});

describe('the bill', () => {
  const { cost, alternatives } = forecast(round({ worker: { most: 1 } }));

  it('is checked by hand for the time of the workers', () => {
    // 103 s and a second to start, at 3,008 MB on ARM.
    const gbSeconds = (104 * 3_008) / 1_024;
    expect(quantity(cost, 'Lambda', 'workers')).toBeCloseTo(gbSeconds);
    expect(cost.lines[0]?.usd).toBeCloseTo(gbSeconds * 0.0000133334, 9);
  });

  it('costs a quarter more on x86', () => {
    const x86 = forecast(round({ worker: { most: 1, architecture: 'x86_64' } })).cost;
    expect((x86.lines[0]?.usd ?? 0) / (cost.lines[0]?.usd ?? 1)).toBeCloseTo(1.25, 4);
  });

  it('pays for workers that wait for a rate', () => {
    const upstreams = [
      {
        name: 'api',
        callsPerItem: 1,
        bytesIn: 0,
        bytesOut: 0,
        latencyMs: 100,
        rates: [{ perSecond: 10, burst: 10 }],
      },
    ];
    const limited = forecast(round({ items: 10_000, upstreams }));
    expect(scaleWith(limited, 50).usd).toBeGreaterThan(5 * scaleWith(limited, 5).usd);
    expect(scaleWith(limited).usd).toBeLessThanOrEqual(scaleWith(limited, 5).usd);
  });

  it('is laid beside those of others, with the same work in each', () => {
    const [standard, express, durable] = alternatives;
    if (!standard || !express || !durable) throw new Error('An alternative is missing');
    expect(quantity(standard, 'Step Functions', 'state transitions')).toBe(41);
    expect(quantity(express, 'Step Functions', 'state transitions')).toBe(21);
    expect(quantity(express, 'Step Functions', 'Express requests')).toBe(20);
    // 5.2 s of 64 MB each.
    expect(quantity(express, 'Step Functions', 'Express time')).toBeCloseTo(20 * 5.2 * 0.0625);
    expect(quantity(durable, 'Durable', 'operations')).toBe(1_020);
    for (const other of alternatives) {
      expect(quantity(other, 'Lambda', 'workers')).toBe(quantity(cost, 'Lambda', 'workers'));
    }
  });

  it('says where others would not do', () => {
    const others = forecast(round({ items: 20_000, sliceSize: 4_000, slots: 1 })).alternatives;
    expect(others.map(({ notes }) => notes.length)).toEqual([1, 1, 1]);
    expect(alternatives.flatMap(({ notes }) => notes)).toEqual([]);
  });
});

describe('the prices', () => {
  it('are above 0, each with the page of AWS that states it, and dated', () => {
    for (const { usd, page } of Object.values(prices)) {
      expect(usd).toBeGreaterThan(0);
      expect(page).toMatch(/^https:\/\/aws\.amazon\.com\//);
    }
    expect(pricesOn).toMatch(/^\d{4}-\d\d-\d\d$/);
  });
});
