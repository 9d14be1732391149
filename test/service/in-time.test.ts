import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../src/local/service.ts';
import { Client, ownStage, sampleGroups, scratchDir } from './harness.ts';

/** Seconds that the gateway waits here: too few for 26 groups on any machine that runs tests. */
const apiTimeout = 8;

let service: Service;
let client: Client;
let data: Awaited<ReturnType<typeof scratchDir>>;

beforeAll(async () => {
  data = await scratchDir();
  service = await startService({
    stage: ownStage(),
    dataDir: data.path,
    port: 0,
    samples: true,
    prewarm: 'all',
    workers: 1,
    apiTimeout,
  });
  await service.warm;
  client = new Client(service.url);
});

afterAll(async () => {
  await service?.stop();
  await data?.remove();
});

describe('POST /create-products', () => {
  it('answers in time with what is done, whoever did it; the queue finishes the rest', async () => {
    const count = 26;
    const startedAt = Date.now();
    const reply = await client.post(sampleGroups(count));
    expect(Date.now() - startedAt).toBeLessThan(apiTimeout * 1000);
    expect(reply.status).toBe(202);
    expect(reply.headers.get('location')).toBe(`/jobs/${reply.body.jobId}`);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    const { products, processedItems, pendingCount, totalItems } = reply.body;
    expect(products.map(({ index, productId }) => [index, productId])).toEqual(
      Array.from({ length: count }, (_, index) => [index, `sku-${index}`]),
    );
    const created = products.filter(({ status }) => status === 'created');
    expect(created.length).toBeGreaterThan(0);
    expect(created.length).toBe(processedItems);
    expect(products.filter(({ status }) => status === 'pending')).toHaveLength(pendingCount);
    expect(totalItems).toBe(processedItems + pendingCount);

    expect(await client.ended(reply.body.jobId)).toMatchObject({
      status: 'completed',
      successCount: count,
      progress: 1,
    });
    const results = await client.results(reply.body.jobId);
    expect(results.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(new Set(results.map(({ ranOn }) => ranOn))).toEqual(new Set(['createProducts', 'continueJob']));
    // What was answered as done stays as it was.
    for (const product of created) {
      expect(results[product.index]).toMatchObject({
        status: 'created',
        catalogId: product.catalogId,
        ranOn: product.ranOn,
      });
    }
  });

  it('answers 200 when everything fits', async () => {
    const reply = await client.post(sampleGroups(1));
    expect(reply).toMatchObject({
      status: 200,
      body: { status: 'completed', successCount: 1, pendingCount: 0 },
    });
    const image = reply.body.products[0]?.images[0];
    const picture = await fetch(image?.url ?? '');
    expect(picture.status).toBe(200);
    expect((await picture.arrayBuffer()).byteLength).toBe(image?.bytes);
  });

  it('answers at once when the caller prefers that', async () => {
    const reply = await client.post(sampleGroups(2), { prefer: 'respond-async' });
    expect(reply.status).toBe(202);
    expect(reply.headers.get('preference-applied')).toBe('respond-async');
    expect(reply.body.products.every(({ status }) => status !== 'failed')).toBe(true);
    await client.ended(reply.body.jobId);
  });

  it('records the job even for a caller who does not want to wait at all', async () => {
    const reply = await client.post(sampleGroups(1), { prefer: 'wait=0' });
    expect(reply).toMatchObject({ status: 202, body: { status: 'running', pendingCount: 1 } });
    expect(await client.ended(reply.body.jobId)).toMatchObject({ successCount: 1 });
  });

  it('answers within the time that the caller prefers', async () => {
    const startedAt = Date.now();
    const reply = await client.post(sampleGroups(12), { prefer: 'wait=2' });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect(reply.status).toBe(202);
    expect(reply.headers.get('preference-applied')).toBe('wait=2');
    await client.ended(reply.body.jobId);
  });
});

describe('GET /jobs/{id}', () => {
  it('is held until the job gets further, and no longer than asked', async () => {
    const { body } = await client.post(sampleGroups(6), { prefer: 'respond-async' });
    const path = `/jobs/${body.jobId}`;
    const seen = [body.processedItems];
    for (let held = body; held.status === 'running'; ) {
      held = (await client.call('GET', `${path}?wait=4`)).body;
      seen.push(held.processedItems);
    }
    expect(seen.at(-1)).toBe(6);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const startedAt = Date.now();
    await client.call('GET', `${path}?wait=4`);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });

  it('pages through results and filters them', async () => {
    const { body } = await client.post(sampleGroups(9));
    await client.ended(body.jobId);
    const path = `/jobs/${body.jobId}/results`;
    const first = (await client.call('GET', `${path}?limit=4`)).body;
    expect(first.results.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    const second = (await client.call('GET', `${path}?limit=4&cursor=${first.cursor}`)).body;
    expect(second.results.map(({ index }) => index)).toEqual([4, 5, 6, 7]);
    expect((await client.call('GET', `${path}?status=failed`)).body).toEqual({
      jobId: body.jobId,
      results: [],
    });
    expect((await client.call('GET', `${path}?status=created`)).body.results).toHaveLength(9);
  });
});
