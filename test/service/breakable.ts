import { afterEach, expect } from 'vitest';
import { type Service, type ServiceOptions, startService } from '../../src/local/service.ts';
import type { ProductView } from '../../src/workloads/create-products/product-view.ts';
import { Client, cloudOf, fastOptions, scratchDir } from './harness.ts';

/** A vanished worker is noticed after four seconds here, not after a minute. With fewer, one that a busy machine holds up counts as vanished. */
export const impatient = {
  SPILLWAY_LEASE_SECONDS: '4',
  // It matters how often the work is done here, not what work it is: nothing needs the model.
  SPILLWAY_WARM_UP: 'false',
  // Photos are held back for as long as it takes here.
  SPILLWAY_PHOTO_TIMEOUT_SECONDS: '60',
  SPILLWAY_ALLOW_HTTP: 'true',
  SPILLWAY_ALLOW_ADDRESSES: '127.0.0.1/32',
};

/** Services for tests that break them. Stops each, and removes its data, after its test. */
export function breakableServices() {
  let data: Awaited<ReturnType<typeof scratchDir>> | undefined;
  let service: Service | undefined;
  afterEach(async () => {
    await service?.stop();
    await data?.remove();
    service = data = undefined;
  });
  /** A folder for data, if the test needs it before the service does. */
  const folder = async () => {
    data ??= await scratchDir();
    return data.path;
  };
  const open = async (more: Partial<ServiceOptions> = {}) => {
    service = await startService({
      dataDir: await folder(),
      port: 0,
      samples: true,
      sweepEvery: 1,
      workers: 2,
      env: impatient,
      ...more,
    });
    return { service, client: new Client(service.url) };
  };
  return { folder, open };
}

/** Every group has exactly one outcome, and every created product is in the catalog exactly once. */
export async function expectEachOnce(running: Service, results: ProductView[], count: number) {
  expect(results.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
  const created = results.flatMap(({ catalogId }) => (catalogId === undefined ? [] : [catalogId]));
  expect(new Set(created).size).toBe(created.length);
  expect((await cloudOf(running).products()).map(({ catalogId }) => catalogId).sort()).toEqual(
    created.sort(),
  );
}

export const async = { prefer: 'respond-async' };

export const plain = { ...fastOptions, removeBackground: false };
