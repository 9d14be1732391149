import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JobView } from '../../../client/contract.ts';
import type { Analysis } from '../../../workloads/analyze-products/analysis.ts';
import type { ProductsSummary } from '../../../workloads/analyze-products/summary.ts';
import type { Demo } from '../demo.ts';
import { allResults, followJob, outputOf } from '../follow.ts';
import { productTable, summaryText } from './report.ts';
import { badRows, options, readSample, sampleFile } from './sample.ts';

/** Products to show. */
const shown = 10;

type Result = { status: 'succeeded'; output: Analysis } | { status: 'failed' };

/** A file of products → profits and verdicts: `events/products.csv` at the documented rates, four times as fast. */
export const analyzeProductsDemo: Demo = {
  name: 'analyze-products',
  summary: 'works out what 120 products would earn on Amazon, within the limits of its APIs',
  apiTimeout: 29,
  standIns: { timeScale: 0.25 },

  async run({ client, outputDir, say }) {
    const { text, rows } = await readSample();
    const name = basename(sampleFile.pathname);
    say(`POST /jobs: ${name} with ${rows} products; the stand-ins go four times as fast as the real APIs`);
    const key = await client.upload({ name, contentType: 'text/csv', content: text });
    const startedAt = performance.now();
    const elapsed = () => (performance.now() - startedAt) / 1000;
    const { body } = await client.createJob({ workload: 'analyze-products', source: { key }, options });
    const progress = { total: rows, done: 0, unit: 'products', elapsed };
    const job = await followJob(client, body, progress, process.stdout);

    const results = await allResults<Result>(client, job.jobId);
    const analyses = results.flatMap((one) => (one.status === 'succeeded' ? [one.output] : []));
    const summary: ProductsSummary = JSON.parse(String(await outputOf(client, job.jobId, 'summary')));
    const best = summary.top.flatMap(({ products }) => products.map(({ asin }) => asin));
    const others = analyses.map(({ asin }) => asin).filter((asin) => !best.includes(asin));
    const named = [...best.slice(0, shown / 2), ...others].slice(0, shown);
    const byAsin = new Map(analyses.map((analysis) => [analysis.asin, analysis]));
    say(`\n${productTable(named.flatMap((asin) => byAsin.get(asin) ?? []))}\n\n${summaryText(summary)}`);

    const finished = join(outputDir, 'products.csv');
    await writeFile(finished, await outputOf(client, job.jobId));
    await writeFile(join(outputDir, 'summary.json'), JSON.stringify(summary, null, 2));
    say(`All of them: ${pathToFileURL(finished)}`);
    return problemsOf(job, rows, analyses);
  },
};

/** Unexpected results, one line each. */
function problemsOf(job: JobView, rows: number, analyses: readonly Analysis[]): string[] {
  const told = [
    job.status !== 'partial' && `The job is ${job.status}, but should be partial: ${badRows} rows are bad`,
    analyses.length !== rows - badRows && `${analyses.length} products were analysed, not ${rows - badRows}`,
    analyses.some(({ profit }) => profit === null) && 'A product has no profit',
  ];
  return told.filter((problem) => problem !== false);
}
