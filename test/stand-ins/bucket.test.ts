import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBucket, type Limit } from '../../src/stand-ins/physics/bucket.ts';

const second = 1_000_000_000n;
const seconds = (count: number) => BigInt(Math.round(count * 1e9));

/** Rates whose tokens are a whole number of nanoseconds apart, or not: 3 and 7 per second are not. */
const limits = fc.record({
  rate: fc.constantFrom(0.1, 0.5, 1, 2, 3, 7, 50, 1234.5),
  per: fc.constantFrom<Limit['per']>('second', 'minute'),
  burst: fc.integer({ min: 1, max: 20 }),
});

const calls = fc.array(
  fc.record({
    gap: fc.oneof(fc.bigInt(0n, 1000n), fc.bigInt(0n, 3n * second), fc.bigInt(0n, 100n * second)),
    cost: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 60 },
);

/** Millionths of a token that come back in so many nanoseconds, times the period: whole numbers only. */
const refilled = ({ rate, per }: Limit, nanoseconds: bigint) =>
  (BigInt(Math.round(rate * 1e6)) * nanoseconds * 60n) / (per === 'second' ? 1n : 60n);
const tokens = (count: number) => BigInt(count) * 1_000_000n * second * 60n;

describe('a bucket', () => {
  it('never lets through more than its burst and what came back, in any window', () => {
    fc.assert(
      fc.property(limits, calls, (limit, calls) => {
        const bucket = createBucket(limit, 0n);
        let now = 0n;
        const admitted: { at: bigint; cost: number }[] = [];
        for (const { gap, cost } of calls) {
          now += gap;
          if (bucket.take(now, cost)) admitted.push({ at: now, cost });
        }
        admitted.forEach((first, from) => {
          let sum = 0;
          for (const last of admitted.slice(from)) {
            sum += last.cost;
            const allowed = tokens(limit.burst) + refilled(limit, last.at - first.at);
            expect(tokens(sum) <= allowed).toBe(true);
          }
        });
      }),
    );
  });

  it('decides as a virtual schedule does: the earliest time at which the last call might have come', () => {
    fc.assert(
      fc.property(limits, calls, (limit, calls) => {
        const bucket = createBucket(limit, 0n);
        // GCRA in whole units of 1 / (rate in millionths) nanoseconds: a token takes `token` of them.
        const rate = BigInt(Math.round(limit.rate * 1e6));
        const token = 1_000_000n * second * (limit.per === 'minute' ? 60n : 1n);
        let theoretical = 0n;
        let now = 0n;
        for (const { gap, cost } of calls) {
          now += gap;
          const at = now * rate;
          const start = theoretical > at ? theoretical : at;
          const conforms = start + BigInt(cost) * token <= at + BigInt(limit.burst) * token;
          if (conforms) theoretical = start + BigInt(cost) * token;
          expect(bucket.take(now, cost)).toBe(conforms);
        }
      }),
    );
  });

  it('lets every call through that waits as long as it says', () => {
    fc.assert(
      fc.property(limits, calls, (limit, calls) => {
        const bucket = createBucket(limit, 0n);
        let now = 0n;
        for (const { cost } of calls.filter(({ cost }) => cost <= limit.burst)) {
          const wait = bucket.msUntil(now, cost);
          if (wait > 0) expect(bucket.take(now, cost)).toBe(false);
          now += BigInt(Math.ceil(wait * 1e6));
          expect(bucket.take(now, cost)).toBe(true);
        }
      }),
    );
  });

  it('lets everything through that is spaced at its rate', () => {
    const bucket = createBucket({ rate: 2, per: 'second', burst: 1 }, 0n);
    for (let call = 0; call < 100; call += 1) expect(bucket.take(seconds(call / 2), 1)).toBe(true);
    expect(bucket.take(seconds(49.5) + 499_999_999n, 1)).toBe(false);
    expect(bucket.take(seconds(50), 1)).toBe(true);
  });

  it('starts full, holds no more than its burst, and never has room for more than that', () => {
    const bucket = createBucket({ rate: 1, per: 'second', burst: 3 }, 0n);
    expect(bucket.left(seconds(100))).toBe(3);
    expect(bucket.msUntil(seconds(100), 4)).toBe(Number.POSITIVE_INFINITY);
    expect(bucket.take(seconds(100), 3)).toBe(true);
    expect(bucket.msUntilFull(seconds(100))).toBe(3000);
    expect(bucket.left(seconds(101.5))).toBe(1.5);
    expect(bucket.msUntilRefill(seconds(101.5))).toBe(500);
  });

  it('takes back what was not needed, up to its burst', () => {
    const bucket = createBucket({ rate: 1, per: 'minute', burst: 10 }, 0n);
    bucket.take(0n, 8);
    bucket.give(0n, 5);
    expect(bucket.left(0n)).toBe(7);
    bucket.give(0n, 100);
    expect(bucket.left(0n)).toBe(10);
  });

  it('is not confused by a time that goes back', () => {
    const bucket = createBucket({ rate: 1, per: 'second', burst: 1 }, seconds(10));
    expect(bucket.take(seconds(5), 1)).toBe(true);
    expect(bucket.take(seconds(10), 1)).toBe(false);
    expect(bucket.take(seconds(11), 1)).toBe(true);
  });
});

describe('a bucket that is refilled in steps and may be overdrawn', () => {
  const limit: Limit = { rate: 20, per: 'minute', burst: 100, refill: 'stepped', overdraft: true };

  it('gets all of a period at its end', () => {
    const bucket = createBucket(limit, 0n);
    bucket.take(0n, 100);
    expect(bucket.left(seconds(59.999))).toBe(0);
    expect(bucket.msUntilRefill(seconds(59))).toBe(1000);
    expect(bucket.left(seconds(60))).toBe(20);
    expect(bucket.left(seconds(119))).toBe(20);
  });

  it('owes what a call costs beyond what is there, and lets nothing through until that is paid', () => {
    const bucket = createBucket(limit, 0n);
    bucket.take(0n, 99);
    expect(bucket.take(0n, 50)).toBe(true);
    expect(bucket.left(0n)).toBe(-49);
    expect(bucket.take(seconds(120), 1)).toBe(false);
    expect(bucket.msUntil(seconds(130), 1)).toBe(50_000);
    expect(bucket.take(seconds(180), 1)).toBe(true);
  });
});
