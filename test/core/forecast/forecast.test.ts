import { describe, expect, it } from 'vitest';
import { forecast, scaleWith } from '../../../src/core/forecast/forecast.ts';
import type { PlanInput } from '../../../src/core/forecast/input.ts';
import { cards, round } from './examples.ts';

const seconds = (input: PlanInput, workers: number) => scaleWith(forecast(input), workers).durationMs / 1000;

describe('how long a run takes', () => {
  it('is checked by hand: whole slices, the overhead of each, the start', () => {
    // 20 slices of 5 s and 0.15 s; 1 s until the first worker begins.
    expect(seconds(round(), 1)).toBeCloseTo(1 + 20 * 5.15);
    expect(seconds(round(), 5)).toBeCloseTo(1 + 4 * 5.15);
    // Five workers at once, then five more a second: the others come half a second late on average, or 1.5 s.
    expect(seconds(round(), 10)).toBeCloseTo(1 + 2 * 5.15 + 5 * (0.5 / 10));
    expect(seconds(round(), 20)).toBeCloseTo(1 + 5.15 + 15 * (1.5 / 20));
  });

  it('counts the slots that stay empty at the end of a slice', () => {
    // Five items on four slots take two rounds.
    const input = round({ items: 100, sliceSize: 5, slots: 4 });
    expect(seconds(input, 1)).toBeCloseTo(1 + 20 * 2.15);
  });

  it('takes longer the more durations spread', () => {
    const spread = (sigma: number) => seconds(round({ itemMs: { typical: 1_000, sigma } }), 5);
    expect(spread(0.5)).toBeGreaterThan(spread(0.2));
    expect(spread(0.2)).toBeGreaterThan(spread(0));
  });

  it('understands quantiles as well: p90 of 1,468.6 ms is a sigma of 0.3', () => {
    const byQuantile = seconds(round({ itemMs: { typical: 1_000, p90: 1_468.6 } }), 5);
    expect(byQuantile).toBeCloseTo(seconds(round({ itemMs: { typical: 1_000, sigma: 0.3 } }), 5), 2);
  });

  it('gives a single short slice the time of its items only', () => {
    expect(seconds(round({ items: 3 }), 5)).toBeCloseTo(1 + 1.15);
  });
});

describe('what a run is held back by', () => {
  const limited = (perSecond: number) =>
    round({
      items: 20_000,
      upstreams: [
        {
          name: 'api',
          callsPerItem: 2,
          bytesIn: 0,
          bytesOut: 0,
          latencyMs: 100,
          rates: [{ perSecond, burst: 10 }],
        },
      ],
    });
  const bound = (input: PlanInput, workers: number) => scaleWith(forecast(input), workers).bound;

  it.each([
    ['slots', round({ items: 20_000 }), 5],
    ['slices', round({ items: 20_000, sliceSize: 2_000 }), 20],
    ['start-up', round({ items: 100, sliceSize: 1, itemMs: { typical: 10, sigma: 0 } }), 50],
  ])('names %s', (kind, input, workers) => {
    expect(bound(input, workers).kind).toBe(kind);
  });

  it('names the upstream and its limit', () => {
    expect(bound(limited(20), 10)).toMatchObject({ kind: 'rate', upstream: 'api', limit: '20/s' });
  });

  it('names the lowest of several limits, by the minute, in units, with coalesced look-ups', () => {
    const input = round({
      upstreams: [
        // 20 tokens a second at 100 a request of 100 look-ups: 20 items a second. 0.5/s of 20: 10 items a second.
        {
          name: 'keepa',
          callsPerItem: 1,
          batchSize: 100,
          bytesIn: 0,
          bytesOut: 0,
          latencyMs: 500,
          rates: [{ perMinute: 1_200, burst: 300, unitsPerCall: 100 }],
        },
        {
          name: 'fees',
          callsPerItem: 1,
          batchSize: 20,
          bytesIn: 0,
          bytesOut: 0,
          latencyMs: 500,
          rates: [{ perSecond: 0.5 }],
        },
      ],
    });
    const found = bound(input, 20);
    expect(found).toMatchObject({ kind: 'rate', upstream: 'fees' });
    // 99.5% of the rate, spaced by 2% more: src/core/limits/rule.ts.
    expect(scaleWith(forecast(input), 20).itemsPerSecond).toBeCloseTo(10 / (1 / 0.995) / 1.02, 6);
  });

  it('has as many adaptive workers as the limit has use for', () => {
    // A worker does 50 items in 5.15 s, which is 19.4 requests a second; 99.5% of 100 a second take six of them.
    expect(scaleWith(forecast(limited(100))).workers).toBe(6);
    expect(scaleWith(forecast(limited(1))).workers).toBe(1);
    expect(scaleWith(forecast(round({ items: 20_000 }))).workers).toBe(50);
    expect(scaleWith(forecast(round({ items: 200 }))).workers).toBe(4);
  });
});

describe("the user's own figures", () => {
  const load = (latencyMs: number, workers: number) => {
    const scale = scaleWith(forecast(cards(latencyMs)), workers);
    return { ...scale.loads[0], days: scale.durationMs / 86_400_000 };
  };

  it('are 70 GB in all: 71 with answers of 35.5 kB', () => {
    expect(forecast(cards(2_700)).volumes[0]).toMatchObject({ requests: 2_000_000, bytesIn: 70e9 });
  });

  it('are 7.4 requests a second with 20 workers, one call at a time, at 2.7 s a call', () => {
    const { requestsPerSecond, inMbps, underWay, days } = load(2_700, 20);
    expect(requestsPerSecond).toBeCloseTo(7.4, 1);
    expect(inMbps).toBeCloseTo(2.07, 2);
    expect(underWay).toBeCloseTo(20, 0);
    expect(days).toBeCloseTo(3.13, 2);
  });

  it('are 13 requests a second and 3.6 Mbit/s where a call takes 1.54 s', () => {
    const { requestsPerSecond, inMbps } = load(1_537, 20);
    expect(requestsPerSecond).toBeCloseTo(13, 1);
    expect(inMbps).toBeCloseTo(3.64, 2);
  });

  it('are 62.6 days with one worker, as before', () => {
    expect(load(2_700, 1).days).toBeCloseTo(62.5, 0);
  });
});

describe('what is refused', () => {
  const upstream = { name: 'api', callsPerItem: 1, bytesIn: 1, bytesOut: 1, latencyMs: 1 };

  it.each([
    ['items: must be a whole number from 1 to 10000000000, but was 0', { items: 0 }],
    ['slots: must be a whole number from 1 to 1000, but was 1.5', { slots: 1.5 }],
    ['worker.memoryMb: must be a whole number from 128 to 10240, but was 64', { worker: { memoryMb: 64 } }],
    ['itemMs has either sigma or quantiles', { itemMs: { typical: 5, sigma: 1, p90: 9 } }],
    ['quantiles must rise from typical on, but 4 follows 5', { itemMs: { typical: 5, p90: 4 } }],
    ["upstreams: 'api' comes twice", { upstreams: [upstream, upstream] }],
    ['a rate has either perSecond or perMinute', { upstreams: [{ ...upstream, rates: [{}] }] }],
    [
      'a request of 5 units never fits a rate that allows 1 at once',
      { upstreams: [{ ...upstream, rates: [{ perSecond: 1, unitsPerCall: 5 }] }] },
    ],
    ['Unrecognized key: "item"', { item: 3 }],
  ])('%s', (message, wrong) => {
    expect(() => forecast({ ...round(), ...wrong } as PlanInput)).toThrow(message);
    expect(() => forecast({ ...round(), ...wrong } as PlanInput)).toThrow(
      expect.objectContaining({ code: 'PLAN_INVALID' }),
    );
  });

  it('a number of workers that nothing was forecast for', () => {
    expect(() => scaleWith(forecast(round()), 7)).toThrow('available: 1, 5, 10, 20, 50, 20');
  });
});

describe('warnings', () => {
  const about = (more: Partial<PlanInput>) => forecast(round(more)).warnings.join('\n');

  it('has none for an ordinary run', () => {
    expect(about({})).toBe('');
  });

  it('tells of more slices than a job can count', () => {
    expect(about({ items: 1_000_000, sliceSize: 5 })).toContain('slices of at least 18 items');
  });

  it("tells of a job's record that is read too often", () => {
    expect(about({ items: 2_000_000, sliceSize: 40 })).toContain('units a second');
  });

  it('tells of a slice that outlives its invocation', () => {
    expect(about({ sliceSize: 1_000, slots: 1 })).toContain('it is handed on 3 times');
  });

  it('tells of a run that outlives its job', () => {
    expect(about({ items: 40_000_000, slots: 1, sliceSize: 1_000 })).toContain('with up to 10 workers');
  });

  it('tells of a request that takes longer than its item', () => {
    const upstreams = [{ name: 'api', callsPerItem: 1, bytesIn: 0, bytesOut: 0, latencyMs: 2_000 }];
    expect(about({ upstreams })).toContain('one request to api takes longer (2000 ms)');
  });
});
