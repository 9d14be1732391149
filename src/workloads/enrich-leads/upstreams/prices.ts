import type { VendorPrice } from '../../../core/forecast/input.ts';

/** One of the vendor's prices, without what a run takes of it. */
type Price = Omit<VendorPrice, 'what' | 'unitsPerItem'>;

/**
 * Serper sells credits in packages, and the package decides how many queries a second are allowed. A search for ten
 * results takes one credit. Credits are bought in advance and expire after six months; the rest of a package is not
 * counted. Transcripts of the price table: api-evangelist's plan file for Serper (read there 2026-08-13: $1.00 to
 * $0.30 for 1,000, 50 to 300 queries a second) and comparisons of 2026.
 */
const serperPackages = [
  { perSecond: 50, usd: 50 / 50_000 },
  { perSecond: 100, usd: 375 / 500_000 },
  { perSecond: 200, usd: 1_250 / 2_500_000 },
  { perSecond: 300, usd: 3_750 / 12_500_000 },
];

/** The price of a search, in the smallest package that allows this rate; of the largest above that. */
export function serperPrice(perSecond: number): Price {
  const fitting = serperPackages.find((one) => one.perSecond >= perSecond) ?? serperPackages.at(-1);
  return {
    usd: fitting?.usd ?? 0,
    per: 'credit',
    page: 'https://serper.dev/',
    readOn: '2026-08-13',
    certainty: 'second-hand',
  };
}

const million = 1_000_000;
/** Batches cost half (console.groq.com, batch processing; tokenmix.ai quotes it, 2026-06-04). */
const batchShare = 0.5;

/**
 * USD for a million tokens, sent and answered. `flex` costs the same as on demand. Quoted from groq.com/pricing by
 * tokenmix.ai (2026-06-04: gpt-oss-120b) and by price lists that cite the page (2026-07, braintrust-proxy 925); cached
 * prompts, which cost less, are not counted.
 */
const groqModels: Readonly<Record<string, { sent: number; answered: number }>> = {
  'llama-3.3-70b-versatile': { sent: 0.59, answered: 0.79 },
  'llama-3.1-8b-instant': { sent: 0.05, answered: 0.08 },
  'openai/gpt-oss-120b': { sent: 0.15, answered: 0.6 },
  'openai/gpt-oss-20b': { sent: 0.075, answered: 0.3 },
  'meta-llama/llama-4-scout-17b-16e-instruct': { sent: 0.11, answered: 0.34 },
  'meta-llama/llama-4-maverick-17b-128e-instruct': { sent: 0.2, answered: 0.6 },
  'qwen/qwen3-32b': { sent: 0.29, answered: 0.59 },
  'moonshotai/kimi-k2-instruct-0905': { sent: 1, answered: 3 },
};

/** What a model's tokens cost; undefined for a model that is not in the table. */
export function groqPrices(model: string, batch: boolean): { sent: Price; answered: Price } | undefined {
  const found = groqModels[model];
  if (!found) return undefined;
  const price = (usd: number): Price => ({
    usd: (usd / million) * (batch ? batchShare : 1),
    per: 'token',
    page: 'https://groq.com/pricing',
    readOn: '2026-07-01',
    certainty: 'second-hand',
  });
  return { sent: price(found.sent), answered: price(found.answered) };
}
