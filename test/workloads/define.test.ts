import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Workload, WorkloadLimits } from '../../src/core/jobs/workload.ts';
import { defineWorkload } from '../../src/workloads/define.ts';

const good: WorkloadLimits = { concurrency: 5, sliceSize: 5, checkpointMs: 0, expectedMsPerUnit: 500 };

const define = (
  limits: Partial<WorkloadLimits>,
  name = 'mine',
  more: Pick<Workload, 'upstreams' | 'settings'> = {},
) =>
  defineWorkload({
    ...more,
    name,
    description: 'A workload for tests',
    item: z.unknown(),
    options: z.unknown(),
    limits: { ...good, ...limits },
    weight: () => 1,
    run: async () => undefined,
  });

describe('a workload', () => {
  it('with limits in their ranges is accepted', () => {
    expect(define({}).name).toBe('mine');
    expect(define({ timeoutMs: 30_000 }).limits.timeoutMs).toBe(30_000);
  });

  for (const [limits, message] of [
    [{ concurrency: 0 }, 'mine: concurrency must be a whole number from 1 to 1000; got 0'],
    [{ sliceSize: 1.5 }, 'mine: sliceSize must be a whole number from 1 to 10000; got 1.5'],
    [{ timeoutMs: 0 }, 'mine: timeoutMs must be a whole number from 1 to 900000; got 0'],
  ] as const) {
    it(`is refused: ${message}`, () => {
      expect(() => define(limits)).toThrow(expect.objectContaining({ code: 'WORKLOAD_INVALID', message }));
    });
  }

  it('may call an API that only it knows', () => {
    expect(define({}, 'mine', { upstreams: [{ name: 'geocoder' }] }).upstreams).toEqual([
      { name: 'geocoder' },
    ]);
  });

  it.each([
    [['Geo coder'], "mine: an upstream's name has lower-case letters, digits and '-'; got 'Geo coder'"],
    [['geocoder', 'geocoder'], 'mine: the upstream geocoder is declared twice'],
  ])('that calls %j is refused', (names, message) => {
    const make = () => define({}, 'mine', { upstreams: names.map((name) => ({ name })) });
    expect(make).toThrow(expect.objectContaining({ code: 'WORKLOAD_INVALID', message }));
  });

  it('with a variable that some functions will not have is refused', () => {
    expect(() => define({}, 'mine', { settings: { MINE: z.string() } })).toThrow('the variable MINE must');
    expect(() => define({}, 'mine', { settings: { MINE: z.string().optional() } })).not.toThrow();
  });

  it('with a name that no URL or metric could carry is refused, naming it', () => {
    expect(() => define({}, 'My Workload')).toThrow("got 'My Workload'");
  });
});
