/**
 * `npm run soak`: 50 requests of 40 groups, one after the other, under a gateway limit of 6 seconds. While workers
 * still chew on what the earlier ones left, no answer may be late and none may be a 5xx.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startService } from '../src/local/service.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50' },
    groups: { type: 'string', default: '40' },
    'api-timeout': { type: 'string', default: '6' },
  },
});
const requests = Number(values.requests);
const apiTimeout = Number(values['api-timeout']);

const photos = ['mug-1.jpg', 'bottle-1.jpg', 'shoe-1.jpg', 'chair-1.jpg', 'lamp-1.jpg'];
const productGroups = Array.from({ length: Number(values.groups) }, (_, index) => ({
  productId: `sku-${index}`,
  images: [{ key: `uploads/local/samples/${photos[index % photos.length]}` }],
  metadata: { title: `Product ${index}` },
}));

const dataDir = await mkdtemp(join(tmpdir(), 'spillway-soak-'));
const service = await startService({ dataDir, port: 0, samples: true, apiTimeout });
const seconds: number[] = [];
let late = 0;
let broken = 0;
try {
  for (let request = 1; request <= requests; request += 1) {
    const startedAt = performance.now();
    const response = await fetch(`${service.url}/create-products`, {
      method: 'POST',
      headers: { 'x-api-key': 'local', 'content-type': 'application/json' },
      body: JSON.stringify({ productGroups }),
    });
    const body = (await response.json()) as { processedItems?: number };
    const took = (performance.now() - startedAt) / 1000;
    seconds.push(took);
    if (took > apiTimeout) late += 1;
    if (response.status >= 500) broken += 1;
    const line = `${response.status} after ${took.toFixed(2)} s with ${body.processedItems ?? 0} groups done`;
    console.log(`${String(request).padStart(3)}/${requests}  ${line}`);
  }
} finally {
  await service.stop();
  await rm(dataDir, { recursive: true, force: true });
}
const slowest = Math.max(...seconds).toFixed(2);
console.log(
  `${requests} requests, slowest ${slowest} s of ${apiTimeout} s, ${late} late, ${broken} with a 5xx`,
);
process.exitCode = late + broken === 0 ? 0 : 1;
