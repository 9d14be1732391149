import { describe, expect, it } from 'vitest';
import { answer } from '../../../src/core/jobs/answer.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { drain, stateOf, times, upTo } from './asking.ts';
import { invocation, ShiftableClock } from './surroundings.ts';
import { doubling, type Recorded, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();

describe('idempotency key', () => {
  const keyed = (submission: Recorded['submission']) => ({
    ...submission(values(5)),
    idempotency: { key: crypto.randomUUID(), requestHash: 'hash' },
  });

  it('stands for one job', async () => {
    const { workload, started, submission } = doubling();
    const jobs = world.jobs(workload);
    const request = keyed(submission);
    const first = await answer(jobs, invocation(jobs.clock), request, times());
    const again = await answer(jobs, invocation(jobs.clock), request, times());
    expect(again.existed).toBe(true);
    expect(again.state.job.id).toBe(first.state.job.id);
    expect(again.outcomes).toEqual(first.outcomes);
    expect(started).toHaveLength(5);
  });

  it('makes one job of requests that arrive together', async () => {
    const { workload, started, submission } = doubling();
    const jobs = world.jobs(workload);
    const request = keyed(submission);
    const all = await Promise.all(upTo(4).map(() => answer(jobs, invocation(jobs.clock), request, times())));
    expect(new Set(all.map(({ state }) => state.job.id)).size).toBe(1);
    expect(started).toHaveLength(5);
  });

  it('refuses another request, and another tenant has keys of its own', async () => {
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload);
    const request = keyed(submission);
    await answer(jobs, invocation(jobs.clock), request, times());
    const other = { ...request, idempotency: { ...request.idempotency, requestHash: 'other' } };
    await expect(answer(jobs, invocation(jobs.clock), other, times())).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    const stranger = await answer(jobs, invocation(jobs.clock), { ...other, tenant: 'globex' }, times());
    expect(stranger.existed).toBe(false);
  });

  it('does not block the retry of a request that died before its job was recorded', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const jobs = world.jobs(workload, clock);
    const request = keyed(submission);
    const dying = { ...jobs.ledger, create: () => Promise.reject(new Error('killed')) };
    const limits = { waitUntil: clock.now() + 300, goneAt: clock.now() + 5_000 };
    await expect(submit({ ...jobs, ledger: dying }, request, 0, limits)).rejects.toThrow('killed');
    await expect(submit(jobs, request, 0, limits)).rejects.toMatchObject({
      code: 'IDEMPOTENT_REQUEST_RUNNING',
    });
    clock.shift(6_000);
    const retried = await submit(jobs, request, 0, {
      waitUntil: clock.now() + 300,
      goneAt: clock.now() + 5_000,
    });
    expect(retried.existed).toBe(false);
    await drain(world, jobs);
    expect((await stateOf(jobs, retried.jobId)).job.status).toBe('completed');
  });
});
