import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { osls } from './osls.ts';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'spillway-invoke-test-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** Invokes a function on a stored event. Returns its result: the last thing on standard output. */
async function invokeLocal(name: string, event: string) {
  const output = await osls(['invoke', 'local', '-f', name, '-p', `events/${event}.json`], {
    SPILLWAY_DATA_DIR: dataDir,
  });
  const [result = ''] = /^\{\n[\s\S]*\n\}$/m.exec(output) ?? [];
  const { body, ...rest } = JSON.parse(result);
  return body === undefined ? rest : { ...rest, body: JSON.parse(body) };
}

// Each invocation starts a cloud, and stops it, or the command would not end.
describe('osls invoke local, with nothing running beside it', () => {
  it('creates products', async () => {
    const { statusCode, body } = await invokeLocal('createProducts', 'create-products.apigw');
    // On a machine that is busy otherwise, not all of it may fit the gateway's time.
    expect([200, 202]).toContain(statusCode);
    expect(body).toMatchObject({ totalItems: 3, errorCount: 0 });
    expect(body.successCount).toBeGreaterThan(0);
  });

  it('enriches leads, with stand-ins for the APIs that it has no keys of', async () => {
    const { body } = await invokeLocal('createJob', 'enrich-leads.apigw');
    expect(body).toMatchObject({ totalItems: 3, errorCount: 0 });
    expect(body.successCount).toBeGreaterThan(0);
  });

  it('takes the sample job of the stored events through its life', async () => {
    expect(await invokeLocal('continueJob', 'continue-job.sqs')).toEqual({ batchItemFailures: [] });
    expect(await invokeLocal('deadLetter', 'dead-letter.sqs')).toEqual({ batchItemFailures: [] });
    const job = await invokeLocal('getJob', 'get-job.apigw');
    expect(job.body).toMatchObject({ status: 'partial', successCount: 3, errorCount: 2 });
  });

  it('finds the tenant of the local key', async () => {
    expect(await invokeLocal('authorize', 'authorize.request')).toEqual({
      isAuthorized: true,
      context: { tenant: 'local' },
    });
  });
});
