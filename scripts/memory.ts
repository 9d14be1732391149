/**
 * `npm run memory`: 5 groups of 20 photos of 12 megapixels in one invocation of a worker. Reads the peak of its
 * resident memory from the kernel (`VmHWM`, so Linux only) and fails at 2,500 MB or more.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { startService } from '../src/local/service.ts';

const limitMb = 2_500;
const headers = { 'x-api-key': 'local', 'content-type': 'application/json' };

/** 4000 × 3000 with the detail of a real photo: noise over a gradient, a subject in the middle. About 5 MB. */
async function photo(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 18 } as const;
  const subject = Buffer.from(
    '<svg width="4000" height="3000"><ellipse cx="2000" cy="1600" rx="900" ry="1100" fill="#b3261e"/></svg>',
  );
  return sharp({ create: { width: 4000, height: 3000, channels: 3, noise, background: '#888' } })
    .composite([{ input: subject, blend: 'multiply' }])
    .jpeg({ quality: 85 })
    .toBuffer();
}

const dataDir = await mkdtemp(join(tmpdir(), 'spillway-memory-'));
const service = await startService({ dataDir, port: 0, workers: 1 });
try {
  const bytes = await photo();
  const uploaded = await fetch(`${service.url}/uploads`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ files: [{ name: 'large.jpg', contentType: 'image/jpeg', bytes: bytes.length }] }),
  });
  const { uploads } = (await uploaded.json()) as { uploads: { key: string; url: string }[] };
  const { key = '', url = '' } = uploads[0] ?? {};
  await fetch(url, { method: 'PUT', headers: { 'content-type': 'image/jpeg' }, body: new Uint8Array(bytes) });

  const productGroups = Array.from({ length: 5 }, (_, group) => ({
    images: Array.from({ length: 20 }, () => ({ key })),
    metadata: { title: `Group ${group}` },
  }));
  const startedAt = performance.now();
  const posted = await fetch(`${service.url}/create-products`, {
    method: 'POST',
    headers: { ...headers, prefer: 'respond-async' },
    body: JSON.stringify({ productGroups, options: { maxDimension: 4000 } }),
  });
  const { jobId } = (await posted.json()) as { jobId: string };
  for (;;) {
    const job = await fetch(`${service.url}/jobs/${jobId}?wait=20`, { headers });
    const { status, successCount } = (await job.json()) as { status: string; successCount: number };
    if (status === 'running') continue;
    if (successCount !== 5) throw new Error(`The job ended as ${status} with ${successCount} groups`);
    break;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const [pid] = service.pids('continueJob');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const peakMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
  const size = `photos of ${(bytes.length / 2 ** 20).toFixed(1)} MB`;
  console.log(`100 ${size} in ${seconds.toFixed(1)} s; peak resident memory ${peakMb} MB of ${limitMb} MB`);
  process.exitCode = peakMb < limitMb ? 0 : 1;
} finally {
  await service.stop();
  await rm(dataDir, { recursive: true, force: true });
}
