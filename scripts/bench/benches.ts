import { adaptive } from './adaptive.ts';
import { analyzeProducts } from './analyze-products.ts';
import type { Bench } from './bench.ts';
import { budget } from './budget.ts';
import { enrichLeadsAtSize } from './enrich-leads.ts';
import { extractFiles } from './extract-files.ts';
import { latency } from './latency.ts';
import { outage } from './outage.ts';
import { overhead } from './overhead.ts';
import { photos } from './photos.ts';
import { rateLimits } from './rates.ts';
import { recommendCards } from './recommend-cards.ts';
import { rows } from './rows.ts';

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [
  photos,
  latency,
  overhead,
  budget,
  rateLimits,
  outage,
  adaptive,
  analyzeProducts,
  rows,
  enrichLeadsAtSize,
  recommendCards,
  extractFiles,
];
