import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProductView } from '../../../workloads/create-products/product-view.ts';
import type { Demo } from '../demo.ts';
import { allResults, followJob } from '../follow.ts';
import { firstAnswerText, productTable, summaryLine } from './console-report.ts';
import { figuresOf } from './figures.ts';
import { saveGallery } from './gallery.ts';
import { contactSheet } from './page.ts';
import { joinResults } from './results.ts';
import { sampleRequest } from './sample-request.ts';
import { timelineOf } from './timeline.ts';
import { problemsOf } from './verdict.ts';

/** Seconds. Too short for the whole batch, so that the overflow shows; long enough for the first products. */
const shortTimeout = availableParallelism() > 2 ? 6 : 8;

/**
 * Photos → cut-outs → products: the request of `events/create-products.json`, and a page that shows each
 * photo before and after.
 */
export const createProductsDemo: Demo = {
  name: 'create-products',
  summary: 'cuts products out of their photos; makes a page that shows each before and after',
  apiTimeout: shortTimeout,

  async run(context) {
    const { client, invocations, apiTimeout, outputDir, say } = context;
    const request = await sampleRequest();
    const groups = request.productGroups;
    const photos = groups.reduce((sum, { images }) => sum + images.length, 0);
    say(
      `POST /create-products: ${groups.length} products with ${photos} photos; the gateway waits ${apiTimeout} s`,
    );
    const startedAt = performance.now();
    const elapsed = () => (performance.now() - startedAt) / 1000;

    const first = await client.createProducts(request);
    const seconds = elapsed();
    const settled = first.body.processedItems;
    say(firstAnswerText(first.status, seconds, joinResults(groups, first.body.products)));
    const shown = { total: groups.length, done: settled, unit: 'products', elapsed };
    const job =
      first.status === 200 ? first.body : await followJob(client, first.body, shown, process.stdout);
    const wallTime = elapsed();

    const views = await allResults<ProductView>(client, job.jobId);
    const products = await saveGallery(client, joinResults(groups, views), outputDir);
    const firstAnswer = { status: first.status, after: seconds, settled, limit: apiTimeout };
    const figures = figuresOf(products, wallTime, firstAnswer);
    say(`\n${productTable(products)}\n\n${summaryLine(figures)}`);

    const page = join(outputDir, 'index.html');
    const timeline = timelineOf({
      invocations: invocations.since(startedAt, ['createProducts', 'continueJob']),
      startedAt,
      answered: seconds,
      end: wallTime,
    });
    await writeFile(page, contactSheet(products, figures, timeline));
    say(`Before and after: ${pathToFileURL(page)}`);
    return problemsOf(job, products);
  },
};
