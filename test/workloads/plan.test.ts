import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wordCount } from '../../examples/word-count/workload.ts';
import { learn, nothingLearned } from '../../src/core/engine/learned.ts';
import { describe as report } from '../../src/core/forecast/describe.ts';
import type { RunFacts } from '../../src/core/forecast/figures.ts';
import { forecast, scaleWith } from '../../src/core/forecast/forecast.ts';
import type { PlanInput } from '../../src/core/forecast/input.ts';
import { letter } from '../../src/core/forecast/letter.ts';
import { openAccounts } from '../../src/core/http/accounts.ts';
import { callConfig } from '../../src/workloads/call-api/config-file.ts';
import { usualAnswer } from '../../src/workloads/call-api/workload.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';
import { planOf } from '../../src/workloads/plan-of.ts';
import { cardConfig } from '../../src/workloads/recommend-cards/config-file.ts';
import { withExample } from './with-example.ts';

const realConfig: Record<string, unknown> = JSON.parse(
  readFileSync('events/recommend-cards/real_config.json', 'utf8'),
);

/** The plan of a run, as `spillway plan` makes it, with an environment of its own. */
function planned(name: string, run: RunFacts, options: object = {}, env: Record<string, string> = {}) {
  const accounts = openAccounts({ SPILLWAY_SANDBOX_URL: 'http://127.0.0.1', ...env });
  const all = workloadsToLookAt({ accounts }, withExample);
  const workload = all.find((one) => one.name === name);
  if (!workload) throw new Error(`There is no ${name}`);
  return planOf(workload, workload.options.parse(options), run);
}

/** The plan of a run with a configuration of call-api. */
function planOfCalls(items: number, file: string, more: object = {}) {
  const given = { ...JSON.parse(readFileSync(`examples/call-api/${file}`, 'utf8')), ...more };
  const { options, expect: expected } = callConfig('rows', usualAnswer).read(given);
  return planned('call-api', { items, ...(expected !== undefined && { expect: expected }) }, options);
}

const planOfCards = (items: number, config: Record<string, unknown> = realConfig) => {
  const { options, expect: expected } = cardConfig.read(config);
  return planned('recommend-cards', { items, ...(expected !== undefined && { expect: expected }) }, options);
};

const seconds = (plan: ReturnType<typeof planned>, workers?: number) =>
  scaleWith(forecast(plan), workers).durationMs / 1000;

describe('every workload', () => {
  const workloads = workloadsToLookAt({}, withExample);
  /** Of those whose options have no defaults. */
  const samples: Record<string, () => PlanInput> = {
    'recommend-cards': () => planOfCards(10_000),
    'call-api': () => planOfCalls(10_000, 'update.json'),
  };

  it.each(workloads.map(({ name }) => name))('%s has a forecast', (name) => {
    const { figures, upstreams = [] } = workloads.find((one) => one.name === name) ?? {};
    const plan = samples[name]?.() ?? planned(name, { items: 10_000 });
    const { scales, cost, plan: read } = forecast(plan);
    expect(scales.map(({ workers }) => workers).slice(0, -1)).toEqual([1, 5, 10, 20, 50]);
    expect(scales.every(({ durationMs, usd }) => durationMs > 0 && usd > 0)).toBe(true);
    expect(cost.usd).toBeGreaterThan(0);
    expect(read.sourceBytes).toBeGreaterThan(0);
    expect(read.outputBytes).toBeGreaterThan(0);
    expect(read.assumed).not.toEqual([]);
    const text = report(forecast(plan));
    expect(text).toContain(`Assumed\n- ${read.assumed[0]}\n`);
    expect(text.split('\n').filter((line) => line.length > 110)).toEqual([]);
    // One that says nothing of its items is taken to call nobody, and the forecast says so.
    for (const { name } of figures ? upstreams : [])
      expect(read.upstreams.map((one) => one.name)).toContain(name);
  });

  it('may say nothing: its items take as long as its limits expect', () => {
    const { figures: _, ...silent } = wordCount();
    const plan = planOf(silent, { minLength: 1 }, { items: 100, weight: 2 });
    expect(plan.itemMs).toEqual({ typical: 40 });
    const expected = forecast(plan);
    expect(expected.plan.assumed[0]).toContain('40 ms');
    expect(report(expected)).toContain('word-count: 100 items in 1 slice');
  });
});

describe('analyze-products', () => {
  const of = (items: number, env = {}) => planned('analyze-products', { items }, {}, env);

  it('takes what was measured within the documented rates: 108 s for 1,000 products', () => {
    expect(seconds(of(1_000))).toBeGreaterThan(100);
    expect(seconds(of(1_000))).toBeLessThan(115);
    expect(scaleWith(forecast(of(1_000))).bound).toMatchObject({
      upstream: 'sp-api',
      limit: 'getCompetitivePricing 0.5/s',
    });
    const requests = forecast(of(1_000)).volumes.map((one) => [one.upstream, one.requests]);
    expect(requests).toEqual([
      ['keepa', 10],
      ['sp-api', 150],
    ]);
  });

  it("waits for Keepa's tokens once those that were kept are spent", () => {
    expect(scaleWith(forecast(of(10_000))).bound).toMatchObject({
      upstream: 'keepa',
      limit: 'tokens 20/min',
    });
    // 10,000 tokens, of which 1,180 are there, at 20 a minute.
    expect(seconds(of(10_000)) / 3_600).toBeCloseTo((10_000 - 1_180) / 20 / 60, 0);
  });

  it('keeps to what the accounts are allowed', () => {
    const allowed = { KEEPA_TOKENS_PER_MINUTE: '6000', SP_API_CALLS_PER_SECOND: '8' };
    expect(scaleWith(forecast(of(10_000, allowed))).bound).toMatchObject({
      upstream: 'sp-api',
      limit: 'calls 8/s',
    });
    expect(seconds(of(10_000, allowed))).toBeLessThan(220);
  });

  it('counts a month of the plan with Keepa, and nothing for the Selling Partner API', () => {
    const { vendors } = forecast(of(1_000));
    expect(vendors.lines.map(({ vendor, unit, quantity }) => [vendor, unit, quantity])).toEqual([
      ['keepa', 'month', 1],
      ['sp-api', 'call', 0],
    ]);
    expect(vendors.lines.every(({ price }) => price.readOn !== undefined)).toBe(true);
    expect(forecast(of(1_000, { KEEPA_TOKENS_PER_MINUTE: '6000' })).vendors.unknown).toEqual(['keepa']);
  });

  it('asks for a few products at once', () => {
    expect(forecast(of(3)).volumes.map(({ requests }) => requests)).toEqual([1, 3]);
  });
});

describe('enrich-leads', () => {
  const of = (items: number, options = {}, env = {}) => planned('enrich-leads', { items }, options, env);
  const bound = (plan: ReturnType<typeof planned>) => scaleWith(forecast(plan)).bound;

  it("is held back by Groq's tokens on demand, by Serper's queries with flex, or by what the plans allow", () => {
    expect(bound(of(10_000))).toMatchObject({ upstream: 'groq', limit: 'tokens 300,000/min' });
    expect(bound(of(10_000, { tier: 'flex' }))).toMatchObject({ upstream: 'serper', limit: 'queries 50/s' });
    const allowed = { SERPER_QUERIES_PER_SECOND: '300', GROQ_REQUESTS_PER_MINUTE: '100' };
    expect(bound(of(10_000, { tier: 'flex' }, allowed))).toMatchObject({ limit: 'requests 1,000/min' });
  });

  it('reserves as many tokens as the longest e-mail has, and as a prompt of its own takes', () => {
    const short = seconds(of(10_000, { maxEmailTokens: 100 }));
    expect(seconds(of(10_000))).toBeGreaterThan(1.3 * short);
    const prompt = `Write to {{contact}} of {{branch}}. ${'Be polite. '.repeat(200)}`;
    expect(seconds(of(10_000, { prompt }))).toBeGreaterThan(1.3 * seconds(of(10_000)));
  });

  it("knows the prices of Serper's packages and of Groq's models; a batch costs half", () => {
    const costs = (options = {}, env = {}) => {
      const { vendors } = forecast(of(1_000_000, options, env));
      const of_ = (vendor: string) =>
        vendors.lines.filter((one) => one.vendor === vendor).reduce((sum, { usd }) => sum + usd, 0);
      return { ...vendors, serper: of_('serper'), groq: of_('groq'), batch: of_('groq-batch') };
    };
    expect(costs().serper).toBeCloseTo(1_000);
    expect(costs({}, { SERPER_QUERIES_PER_SECOND: '300' }).serper).toBeCloseTo(300);
    expect(costs().groq / costs({ model: 'llama-3.1-8b-instant' }).groq).toBeGreaterThan(9);
    expect(costs({ tier: 'flex' }).groq).toBe(costs().groq);
    expect(costs({ emailMode: 'batch' }).batch).toBeCloseTo(costs().groq / 2);
    expect(costs({ maxEmailTokens: 50 }).groq).toBeLessThan(costs().groq);
    expect(costs({ model: 'someone/new' })).toMatchObject({ groq: 0, unknown: ['groq'] });
  });

  it('has as many rows under way as it is told', () => {
    expect(seconds(of(120, { parallel: 1 }), 1) / seconds(of(120, { parallel: 20 }), 1)).toBeGreaterThan(10);
  });

  it('takes the day of a batch, looks at it, and makes no chats', () => {
    const { scales, plan, volumes, cost } = forecast(of(6_000, { emailMode: 'batch' }));
    expect(plan.upstreams.map(({ name }) => name)).toEqual(['serper', 'groq-batch']);
    for (const { durationMs, bound, loads } of scales) {
      expect(durationMs).toBeGreaterThan(86_400_000);
      expect(bound).toEqual({ kind: 'wait' });
      // 100 batches, 154 requests each, over a day.
      expect(loads[1]?.requestsPerSecond).toBeCloseTo(15_400 / 86_400, 1);
    }
    expect(volumes[1]?.requests).toBeCloseTo(15_400);
    expect(cost.lines.find(({ what }) => what === 'invocations')?.quantity).toBeGreaterThan(100 * 151);
  });
});

describe('recommend-cards', () => {
  it('counts max_workers: one after the other takes six days for 200,000 users, 20 a twentieth', () => {
    const plan = planOfCards(200_000);
    const days = (workers?: number) => seconds(plan, workers) / 86_400;
    expect(days(1)).toBeCloseTo(6.5, 0);
    expect(days(1) / days(20)).toBeGreaterThan(19);
    expect(days(20) / days(50)).toBeGreaterThan(2.3);
    expect(scaleWith(forecast(plan)).workers).toBe(20);
    // One process is paid for, however many calls it has under way.
    expect(forecast(plan).scales.every(({ processes }) => processes === 1)).toBe(true);
  });

  it('has no more calls under way than the documented rate takes', () => {
    const api = { ...(realConfig.api as object), requests_per_second: 2 };
    const { scales } = forecast(planOfCards(20_000, { ...realConfig, api }));
    // 2 a second at 2.7 s: between five and six.
    expect(scales.at(-1)).toMatchObject({
      adaptive: true,
      workers: 6,
      bound: { kind: 'rate', limit: '2/s' },
    });
  });

  it('takes what is expected of the API out of the configuration', () => {
    const slow = planOfCards(1_000, { ...realConfig, expect: { latency_ms: 5_400, answer_bytes: 10 } });
    expect(seconds(slow, 5) / seconds(planOfCards(1_000), 5)).toBeCloseTo(2, 1);
    expect(forecast(slow).volumes[0]?.bytesIn).toBe(10_000);
    expect(() => cardConfig.read({ ...realConfig, expect: { latency: 1 } })).toThrow('latency');
  });

  it('writes to the owner of so many calls', () => {
    const text = letter(forecast(planOfCards(200_000)), {
      upstream: 'cards',
      workers: 5,
      startsAt: '2026-12-01T03:00:00Z',
      contact: 'ops@acme.example',
    });
    expect(text).toContain('of which at most 5 are under way at the same time');
    expect(text).toContain('2026-12-01 03:00 UTC');
    expect(text).toContain('write to ops@acme.example');
  });
});

describe('call-api', () => {
  it('knows the host, the documented rate and the expected answer', () => {
    const update = planOfCalls(10_000, 'update.json');
    expect(forecast(update).plan.upstreams[0]).toMatchObject({ name: 'api.example.com', latencyMs: 1_000 });
    expect(scaleWith(forecast(update), 50).bound).toMatchObject({ kind: 'rate', limit: '20/s' });
    const lookUp = planOfCalls(10_000, 'look-up.json');
    expect(forecast(lookUp).plan).toMatchObject({ upstreams: [{ name: 'plain', bytesIn: 100 }] });
    expect(forecast(lookUp).vendors.unknown).toEqual(['plain']);
    const paid = planOfCalls(10_000, 'look-up.json', { expect: { usd_per_call: 0.002 } });
    expect(forecast(paid).vendors.usd).toBeCloseTo(20);
    expect(seconds(lookUp, 20)).toBeLessThan(
      0.3 * seconds(planOfCalls(10_000, 'look-up.json', { expect: {} }), 20),
    );
  });
});

describe('create-products and extract-files', () => {
  it('counts the photos of a group, and the processors that all groups of a worker share', () => {
    const photos = (weight: number) => planned('create-products', { items: 1_000, weight });
    expect(seconds(photos(6), 10) / seconds(photos(2), 10)).toBeCloseTo(3, 0);
    expect(scaleWith(forecast(photos(3)), 5).bound).toEqual({ kind: 'processors' });
    const asTheyAre = planned('create-products', { items: 1_000 }, { removeBackground: false });
    expect(seconds(asTheyAre, 5)).toBeLessThan(seconds(photos(3), 5) / 2);
  });

  it('learn per photo, of which a group has several', () => {
    const durations = Array.from({ length: 9 }, () => 1_000);
    const learned = durations.reduce((all, ms) => learn(all, 1, ms), nothingLearned);
    const earlier = { learned, per: 'unit', from: 'here' } as const;
    const typical = (run: RunFacts) => planned('create-products', { ...run, earlier }).itemMs.typical / 1_000;
    expect(Math.round(typical({ items: 10, weight: 5 }))).toBe(5);
    // Three photos, as the workload assumes.
    expect(Math.round(typical({ items: 10 }))).toBe(3);
  });

  it('counts what a document asks of the store', () => {
    const { cost } = forecast(planned('extract-files', { items: 1_000, fileBytes: 1e9 }));
    const quantity = (what: string) => cost.lines.find((one) => one.what === `the items: ${what}`)?.quantity;
    expect([quantity('PUT'), quantity('GET')]).toEqual([3_000, 3_000]);
    expect(quantity('what stays')).toBeCloseTo(1.045);
  });
});
