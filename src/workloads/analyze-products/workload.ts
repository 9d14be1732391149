import { ItemError } from '../../core/engine/errors.ts';
import type { Workload } from '../../core/jobs/workload.ts';
import { defineWorkload } from '../define.ts';
import type { WorkloadPorts } from '../ports.ts';
import { type Analysis, analyse, termsOf } from './analysis.ts';
import { analysisErrors } from './analysis-errors.ts';
import { lookUp } from './look-up.ts';
import { productFigures } from './plan.ts';
import { type Item, itemSchema, type Options, optionsSchema } from './schema.ts';
import { openSources, type Sources } from './sources.ts';
import { summarise } from './summary.ts';
import { keepaAccount, spApiAccount } from './upstreams/accounts.ts';

/** Ten characters, as Amazon assigns them; an ASIN that begins with a digit is a book's ISBN. */
const asinPattern = /^(B[0-9A-Z]{9}|[0-9]{9}[0-9X])$/;

/** Works out what products earn on Amazon and which are worth buying. */
export function analyzeProducts(ports: Pick<WorkloadPorts, 'accounts' | 'upstreamDeps'>): Workload {
  const { metrics } = ports.upstreamDeps;
  let opened: Sources | undefined;
  /** One set of clients for each process: one access token, and one place that gathers look-ups. */
  const sources = () => {
    opened ??= openSources(ports);
    return opened;
  };
  return defineWorkload<Item, Options, Analysis>({
    name: 'analyze-products',
    description: 'Computes profit, ROI and a verdict for products on Amazon, from ASIN and cost',
    item: itemSchema,
    options: optionsSchema,
    columns: ['asin', 'cost'],
    upstreams: [spApiAccount, keepaAccount],
    limits: {
      // A slice runs as a whole and holds as many products as one Keepa call, so calls go out full: 20 or 100
      // products each.
      ...{ concurrency: 100, sliceSize: 100 },
      ...{ checkpointMs: 500, expectedMsPerUnit: 10_000 },
      // A few workers use the rates in full. With many, each would wait so long that its budget ends with products
      // half looked up.
      maxWorkers: 8,
    },
    figures: (_options, run) => productFigures(ports.accounts, run),
    weight: () => 1,
    idOf: ({ asin }) => asin,
    summary: summarise,
    async run(item, { options, index, jobId, signal, stopAt, log }) {
      const { asin } = item;
      if (!asinPattern.test(asin)) {
        throw new ItemError(
          analysisErrors.ASIN_INVALID,
          `An ASIN has ten letters and digits, but this one is '${asin}'`,
        );
      }
      const terms = termsOf(item, options);
      const { country, marketplace } = terms;
      const { region, ...apis } = sources();
      if (marketplace.region !== region) {
        const message = `The account is for the region ${region}; ${country} is in ${marketplace.region}`;
        throw new ItemError(analysisErrors.MARKETPLACE_ELSEWHERE, message);
      }
      const fulfilment = item.fulfilment ?? options.fulfilment;
      const known = await lookUp(terms, apis, fulfilment, { signal, stopAt });
      const analysis = analyse(terms, known);
      metrics.count('analyze-products/Analyzed', 1);
      if (analysis.verdict === 'insufficient data') {
        metrics.count('analyze-products/InsufficientData', 1);
        const { reasons } = analysis;
        log.info('analyze-products: insufficient data', { jobId, index, asin, reasons });
      }
      // The row's own columns keep their places.
      return { ...item.own, ...analysis };
    },
  });
}
