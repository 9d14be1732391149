/**
 * 1,000 products through analyze-products: the whole service on this machine against stand-ins for the Selling Partner
 * API and Keepa that refuse what is too much. Beside it Celery, in 8 chunks as the work was done before, in calls for as
 * many products and with the same limits.
 *
 * Limit: what the rates allow. A rate's last call goes (calls − burst) / rate seconds after its first at the earliest; the
 * first follows Keepa's answer, and the last answer still takes its time. With the documented rates that is pricing, 50
 * calls for 20 at 0.5/s (fees have the same rate and follow), with 8/s in total all 150 calls.
 *
 * In real time: a machine's own delays would count more where the stand-ins go faster.
 */
import type { SettingsChange } from '../../src/stand-ins/sandbox.ts';
import type { Bench, Report } from './bench.ts';
import { celeryMissing, type Outcome, runCelery } from './products/celery.ts';
import type { Run } from './products/run.ts';
import { runSpillway } from './products/spillway.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';

const products = 1_000;
/** For a quick look: 0.1 makes the stand-ins ten times as fast, and this machine's own delays count tenfold. */
const timeScale = 1;
const cost = 12;
const asins = Array.from({ length: products }, (_, index) => `B0${String(index).padStart(8, '0')}`);
/** Calls of each operation of the Selling Partner API, at 20 products each. */
const calls = products / 20;
/** Median latencies of the stand-ins, in seconds. */
const keepaSeconds = 0.5;
const amazonSeconds = 0.3;
/** What Spillway's limiter leaves between calls of a rate with a burst of 1, and of others: src/core/limits/rule.ts. */
const spaced = (perSecond: number) => 1.02 / 0.995 / perSecond;

interface Case {
  name: string;
  limitSeconds: number;
  limits: Readonly<Record<string, SettingsChange>>;
  settings: Run['settings'];
  /** In the stand-ins' seconds. */
  intervals: Run['intervals'];
}

const perSecond = (rate: number) => ({ rate, per: 'second', burst: rate }) as const;
const ownLimits = { searchCatalogItems: null, getCompetitivePricing: null, getMyFeesEstimates: null };

const cases: readonly Case[] = [
  {
    name: '8/s and 5/s in total',
    limitSeconds: keepaSeconds + (3 * calls - 8) / 8 + amazonSeconds,
    limits: {
      'sp-api': { limits: { ...ownLimits, calls: perSecond(8) } },
      keepa: { limits: { calls: perSecond(5) } },
    },
    settings: { SP_API_CALLS_PER_SECOND: '8', KEEPA_CALLS_PER_SECOND: '5' },
    intervals: { amazon: spaced(8), keepa: spaced(5) },
  },
  {
    name: 'documented rates',
    limitSeconds: keepaSeconds + (calls - 1) / 0.5 + 2 * amazonSeconds,
    limits: {},
    settings: {},
    intervals: {
      searchCatalogItems: spaced(2),
      getCompetitivePricing: spaced(0.5),
      getMyFeesEstimates: spaced(0.5),
      keepa: 0,
    },
  },
];

export const analyzeProducts: Bench = {
  name: 'analyze-products',
  about: `${products} products within the limits of two APIs`,
  async run(report) {
    const missing = celeryMissing();
    for (const one of cases) {
      const sandbox = await startSandboxProcess(timeScale);
      try {
        const own = await play(report, one, sandbox, 'spillway', runSpillway, undefined);
        if (missing !== undefined) report.skip('Celery', missing);
        else await play(report, one, sandbox, 'Celery, 8 chunks', runCelery, own);
      } finally {
        await sandbox.stop();
      }
    }
  },
};

/** Runs a system and reports it; its profits must be those of the other one. Resolves to them. */
async function play(
  report: Report,
  { name, limitSeconds, limits, settings, intervals }: Case,
  sandbox: SandboxProcess,
  system: string,
  run: (what: Run) => Promise<Outcome>,
  expected: readonly number[] | undefined,
): Promise<readonly number[]> {
  report.note(`${system}: ${name}`);
  await sandbox.reset(limits);
  const scaled = Object.entries(intervals).map(([rate, seconds]) => [rate, seconds * timeScale]);
  const what = { asins, cost, sandboxUrl: sandbox.url, timeScale, settings };
  const { seconds, profits } = await run({ ...what, intervals: Object.fromEntries(scaled) });
  const stats = await sandbox.stats();
  const of = (api: string) => stats.filter((one) => one.api === api);
  const sum = (api: string, what: 'calls' | 'rejected') =>
    of(api).reduce((total, one) => total + one[what], 0);
  report.row({
    system,
    seconds: seconds / timeScale,
    items: products,
    limitSeconds,
    checked:
      profits.length === products &&
      profits.every((profit, at) => Number.isFinite(profit) && profit === (expected?.[at] ?? profit)),
    extra: {
      case: name,
      amazonCalls: sum('sp-api', 'calls'),
      keepaCalls: sum('keepa', 'calls'),
      tokenCalls: sum('amazon-auth', 'calls'),
      refused: sum('sp-api', 'rejected') + sum('keepa', 'rejected') + sum('amazon-auth', 'rejected'),
    },
  });
  return profits;
}
