import { describe, expect, it } from 'vitest';
import { async, breakableServices, expectEachOnce, impatient } from './breakable.ts';
import { Client, cloudOf, eventually, sampleGroups } from './harness.ts';
import { startMain } from './main-process.ts';

const { folder, open } = breakableServices();

/** Milliseconds: another file's services may want the same two cores. */
const patience = 100_000;

describe('kill -9', () => {
  it('of a worker loses nothing', async () => {
    const { service, client } = await open();
    const { body } = await client.post(sampleGroups(8), async);
    await eventually(async () => {
      const { processedItems } = (await client.call('GET', `/jobs/${body.jobId}`)).body;
      return processedItems >= 2 ? true : undefined;
    }, patience);
    const victims = service.pids('continueJob');
    expect(victims.length).toBeGreaterThan(0);
    for (const pid of victims) process.kill(pid, 'SIGKILL');
    const ended = await client.ended(body.jobId);
    expect(ended).toMatchObject({ status: 'completed', successCount: 8, pendingCount: 0 });
    const results = await client.results(body.jobId);
    await expectEachOnce(service, results, 8);
    // Proof that the kill hit work: somebody had to go on where the victims stopped.
    expect(results.some(({ attempts }) => attempts > 1)).toBe(true);
  });

  it('of the function that answers loses nothing, and the same Idempotency-Key finds the job', async () => {
    const { service, client } = await open({ workers: 1 });
    const headers = { 'idempotency-key': 'order-7' };
    const asking = client.post(sampleGroups(7), headers);
    await eventually(
      async () => ((await cloudOf(service).products()).length > 0 ? true : undefined),
      patience,
    );
    for (const pid of service.pids('createProducts')) process.kill(pid, 'SIGKILL');
    const broken = await asking;
    expect(broken.status).toBe(500);
    expect(broken.headers.get('content-type')).toBe('application/problem+json');

    const again = await client.post(sampleGroups(7), headers);
    expect([200, 202]).toContain(again.status);
    expect(await client.ended(again.body.jobId)).toMatchObject({ status: 'completed', successCount: 7 });
    await expectEachOnce(service, await client.results(again.body.jobId), 7);
  });

  it('of the whole service loses nothing: a restart on the same data goes on', async () => {
    const args = ['--data-dir', await folder(), '--workers', '2', '--sweep-every', '1'];
    const first = await startMain(args, impatient);
    const { body } = await new Client(first.url).post(sampleGroups(8), async);
    await eventually(async () => {
      const { processedItems } = (await new Client(first.url).call('GET', `/jobs/${body.jobId}`)).body;
      return processedItems >= 3 ? true : undefined;
    }, patience);
    await first.kill();

    const { service, client } = await open();
    const before = (await client.call('GET', `/jobs/${body.jobId}`)).body;
    expect(before.processedItems).toBeGreaterThanOrEqual(3);
    expect(await client.ended(body.jobId)).toMatchObject({ status: 'completed', successCount: 8 });
    await expectEachOnce(service, await client.results(body.jobId), 8);
  });
});
