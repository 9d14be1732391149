import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/core/jobs/model/job.ts';
import type { Analysis } from '../../../src/workloads/analyze-products/analysis.ts';
import { summarise } from '../../../src/workloads/analyze-products/summary.ts';

const about = { attempts: 1, durationMs: 1, ranOn: 'test' };
const succeeded = (index: number, output: Partial<Analysis>): Outcome<Analysis> => ({
  ...about,
  index,
  status: 'succeeded',
  output: {
    ...{ asin: `B${index}`, title: null, verdict: 'buy', price_currency: 'USD' },
    ...{ profit: 1, roi_percent: 40, sales_month: 1 },
    ...output,
  } as Analysis,
});
const failed = (index: number, code: string): Outcome<Analysis> => ({
  ...{ ...about, index, status: 'failed' },
  error: { code, message: `${code} of ${index}`, retryable: false },
});

describe('the summary', () => {
  it('counts verdicts, ROI and causes', () => {
    const { add, result } = summarise();
    add(succeeded(0, { roi_percent: -5, verdict: 'skip' }));
    add(succeeded(1, { roi_percent: 15 }));
    add(succeeded(2, { roi_percent: 100 }));
    add(succeeded(3, { roi_percent: null, verdict: 'insufficient data' }));
    add(failed(4, 'ASIN_NOT_FOUND'));
    add(failed(5, 'ASIN_INVALID'));
    add(failed(6, 'ASIN_INVALID'));
    expect(result()).toMatchObject({
      ...{ products: 7, succeeded: 4, failed: 3 },
      verdicts: { buy: 2, review: 0, skip: 1, 'insufficient data': 1 },
      roiPercent: { 'under 0': 1, '0 to 15': 0, '15 to 30': 1, '30 to 50': 0, '100 and more': 1 },
      failures: [
        { code: 'ASIN_INVALID', items: 2, example: 'ASIN_INVALID of 5' },
        { code: 'ASIN_NOT_FOUND', items: 1, example: 'ASIN_NOT_FOUND of 4' },
      ],
    });
  });

  it('names the ten that earn most a month, each currency by itself', () => {
    const { add, result } = summarise();
    for (let index = 0; index < 30; index += 1) add(succeeded(index, { profit: index, sales_month: 10 }));
    add(succeeded(30, { profit: 1, price_currency: 'EUR' }));
    add(succeeded(31, { profit: 1_000, verdict: 'review' }));
    const { top } = result() as { top: { currency: string; products: { asin: string }[] }[] };
    expect(top.map(({ currency, products }) => [currency, products.map(({ asin }) => asin)])).toEqual([
      ['USD', Array.from({ length: 10 }, (_, at) => `B${29 - at}`)],
      ['EUR', ['B30']],
    ]);
    expect(top[0]?.products[0]).toMatchObject({ profit: 29, sales_month: 10, profit_month: 290 });
  });

  it('of nothing is empty', () => {
    expect(summarise().result()).toMatchObject({ products: 0, failed: 0, top: [], failures: [] });
  });
});
