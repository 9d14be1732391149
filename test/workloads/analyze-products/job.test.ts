import { describe, expect, it } from 'vitest';
import { dynamoLimitStore } from '../../../src/aws/limit-store.ts';
import { openAccounts } from '../../../src/core/http/accounts.ts';
import { cancel } from '../../../src/core/jobs/cancel.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { retry } from '../../../src/core/jobs/retry.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import type { Analysis } from '../../../src/workloads/analyze-products/analysis.ts';
import { keepaAccount } from '../../../src/workloads/analyze-products/upstreams/accounts.ts';
import { analyzeProducts } from '../../../src/workloads/analyze-products/workload.ts';
import { drain, stateOf } from '../../core/jobs/asking.ts';
import { cloudOfFile } from '../../core/jobs/cloud.ts';
import { invocation } from '../../core/jobs/surroundings.ts';
import { depsOf, seen, useSandbox, withAccount } from '../clients.ts';

const cloud = await cloudOfFile();
const perSecond = (rate: number) => ({ rate, per: 'second', burst: rate }) as const;
const own = { searchCatalogItems: null, getCompetitivePricing: null, getMyFeesEstimates: null };
const sandbox = useSandbox({
  overrides: {
    'sp-api': { latency: { kind: 'constant', ms: 20 }, limits: { ...own, calls: perSecond(40) } },
    keepa: { latency: { kind: 'constant', ms: 20 }, limits: { calls: perSecond(20) } },
    'amazon-auth': { latency: { kind: 'constant', ms: 20 } },
  },
});

/** A worker with clients of its own; the limits are everybody's. */
function worker({ keepaKey = 'sandbox' } = {}): JobsContext {
  const settings = { SP_API_CALLS_PER_SECOND: '40', KEEPA_CALLS_PER_SECOND: '20' };
  const env = { SPILLWAY_SANDBOX_URL: sandbox().url, ...settings };
  return cloud.jobs(
    analyzeProducts({
      accounts: withAccount(openAccounts(env), keepaAccount, { key: keepaKey }),
      upstreamDeps: depsOf({ store: dynamoLimitStore(cloud.dynamo, cloud.table) }),
    }),
  );
}

async function submitted(jobs: JobsContext, rows: readonly Record<string, unknown>[], options = {}) {
  const [workload] = [...jobs.workloads.values()];
  const items = rows.map((row) => workload?.item.parse(row));
  const submission = {
    ...{ tenant: 'acme', workload: 'analyze-products', items },
    options: workload?.options.parse(options),
  };
  const { jobId } = await submit(jobs, submission, 0, { waitUntil: 0, goneAt: 0 });
  return jobId;
}

/** Has the workers take the messages that there are, each one after the other. */
async function work(workers: readonly JobsContext[]): Promise<void> {
  const refs = await cloud.receive();
  await Promise.all(
    workers.map(async (jobs) => {
      for (let ref = refs.shift(); ref; ref = refs.shift())
        await continueSlice(jobs, invocation(jobs.clock), ref);
    }),
  );
}

async function summaryOf(jobs: JobsContext, key = '') {
  return JSON.parse(String(await jobs.blobs.get(key)));
}

const asin = (index: number) => `B${String(index).padStart(9, '0')}`;
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ asin: asin(index), cost: 4, sku: `sku-${index}` }));
const calls = (operation: string) => seen(sandbox(), operation === 'product' ? 'keepa' : 'sp-api', operation);
const operations = ['product', 'searchCatalogItems', 'getCompetitivePricing', 'getMyFeesEstimates'];

describe('a job', () => {
  it('is spread over workers that keep to the limits together, in full calls', async () => {
    const workers = [worker(), worker()];
    const [first = worker()] = workers;
    const given: Record<string, unknown>[] = rows(240);
    given[7] = { asin: 'not-an-asin', cost: 4 };
    given[30] = { asin: 'B0XXXX0030', cost: 4 };
    given[31] = { asin: asin(31), cost: 4, marketplace: 'DE', currency: 'EUR' };
    const jobId = await submitted(first, given);
    await work(workers);
    await drain(cloud, first);
    const state = await stateOf(first, jobId);
    expect(viewOf(state)).toMatchObject({
      status: 'partial',
      processedItems: 240,
      errorCount: 3,
      progress: 1,
      maxWorkers: 8,
    });
    const failed = state.outcomes.flatMap((one) =>
      one.status === 'failed' ? [[one.index, one.error.code]] : [],
    );
    expect(failed).toEqual([
      [7, 'ASIN_INVALID'],
      [30, 'ASIN_NOT_FOUND'],
      [31, 'CURRENCY_UNKNOWN'],
    ]);
    for (const one of state.outcomes) {
      if (one.status !== 'succeeded') continue;
      const {
        asin: about,
        sku,
        price,
        vat,
        fees,
        landed_cost,
        profit,
        title,
      } = one.output as Analysis & {
        sku: string;
      };
      expect([about, sku]).toEqual([asin(one.index), `sku-${one.index}`]);
      expect(title).toEqual(expect.any(String));
      const rest = Number(price) - Number(vat) - Number(fees) - Number(landed_cost);
      expect(profit).toBeCloseTo(rest, 6);
    }
    // 98, 100 and 40 products: 5 + 5 + 2 calls for 20 and 1 + 1 + 1 for 100 are the fewest.
    expect(operations.map((operation) => calls(operation).calls)).toEqual([3, 12, 12, 12]);
    expect(
      sandbox()
        .stats()
        .reduce((sum, { rejected }) => sum + rejected, 0),
    ).toBe(0);
    expect(seen(sandbox(), 'amazon-auth', 'token').calls).toBe(workers.length);
  });

  it('with a product that spoils every call loses that one only', async () => {
    const bad = asin(13);
    for (const api of ['sp-api', 'keepa'] as const) {
      sandbox().configure({ api, errors: { keys: [bad], keyStatus: 400 } });
    }
    const jobs = worker();
    const jobId = await submitted(jobs, rows(40));
    await work([jobs]);
    await drain(cloud, jobs);
    const { outcomes, job } = await stateOf(jobs, jobId);
    expect(await summaryOf(jobs, job.files?.summary)).toMatchObject({
      ...{ products: 40, succeeded: 39, failed: 1 },
      top: [{ currency: 'USD', products: expect.any(Array) }],
      failures: [{ code: 'UPSTREAM_REFUSED', items: 1 }],
    });
    expect(outcomes.filter(({ status }) => status === 'failed')).toMatchObject([
      { index: 13, itemId: bad, error: { code: 'UPSTREAM_REFUSED', retryable: false } },
    ]);
  });

  it('that is cancelled makes no further calls', async () => {
    // Long enough for a worker to look: it does once a second.
    sandbox().configure({ api: 'sp-api', latency: { kind: 'constant', ms: 2_500 } });
    const jobs = worker();
    const jobId = await submitted(jobs, rows(40));
    const working = work([jobs]);
    await expect.poll(() => calls('getCompetitivePricing').calls, { timeout: 10_000 }).toBeGreaterThan(0);
    await cancel(jobs, await stateOf(jobs, jobId));
    await working;
    const state = await stateOf(jobs, jobId);
    expect(viewOf(state)).toMatchObject({ status: 'cancelled', processedItems: 0, cancelledCount: 40 });
    expect(calls('getMyFeesEstimates').calls).toBe(0);
  });

  it('whose key is refused asks once, stops, says so, and is done with a better key', async () => {
    const refused = worker({ keepaKey: 'invalid' });
    const jobId = await submitted(refused, rows(240));
    await drain(cloud, refused);
    const stopped = await stateOf(refused, jobId);
    expect(viewOf(stopped)).toMatchObject({
      ...{ status: 'cancelled', successCount: 0, pendingCount: 0 },
      error: { code: 'CREDENTIALS_REFUSED', retryable: false },
    });
    expect(operations.map((operation) => calls(operation).calls)).toEqual([1, 0, 0, 0]);

    const jobs = worker();
    await retry(jobs, stopped);
    await drain(cloud, jobs);
    const state = await stateOf(jobs, jobId);
    expect(viewOf(state)).toMatchObject({ status: 'completed', successCount: 240 });
    expect(await summaryOf(jobs, state.job.files?.summary)).toMatchObject({ products: 240, failed: 0 });
  });
});
