import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { awsClients } from '../../../src/aws/clients.ts';
import { sqsQueue } from '../../../src/aws/queue.ts';
import { systemClock } from '../../../src/core/engine/clock.ts';
import { answer } from '../../../src/core/jobs/answer.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import { buryDeadLetter } from '../../../src/core/jobs/dead-letter.ts';
import { sliceId } from '../../../src/core/jobs/model/slice.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { drain, indices, stateOf, times, upTo } from './asking.ts';
import { cloudOfFile } from './cloud.ts';
import { invocation } from './surroundings.ts';
import { doubling, values } from './workload.ts';

const cloud = await cloudOfFile();

describe('delivery', () => {
  it('is in the message group of the tenant, however many batches there are', async () => {
    // The embedded queue takes the group and does not tell it: what counts is what is sent.
    const { sqs } = awsClients(cloud.environment);
    const sent: [body: string | undefined, group: string | undefined][] = [];
    sqs.middlewareStack.add(
      (next) => (call) => {
        const { Entries = [] } = call.input as SendMessageBatchCommandInput;
        sent.push(...Entries.map((one): (typeof sent)[0] => [one.MessageBody, one.MessageGroupId]));
        return next(call);
      },
      { step: 'initialize' },
    );
    const queue = sqsQueue(sqs, cloud.queueUrl);
    const many = upTo(12).map((n) => ({ jobId: 'many', sliceId: sliceId(n) }));
    await queue.send(many, 'acme');
    const few = { jobId: 'few', sliceId: sliceId(0) };
    await queue.send([few], 'globex');
    expect(sent).toEqual([
      ...many.map((ref) => [JSON.stringify(ref), 'acme']),
      [JSON.stringify(few), 'globex'],
    ]);
    expect(await cloud.receive()).toHaveLength(13);
  });

  it('changes nothing when a message comes again, after or during the work', async () => {
    const { workload, started, submission } = doubling();
    const jobs = cloud.jobs(workload);
    const { jobId } = await submit(jobs, submission(values(5)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    const work = () => continueSlice(jobs, invocation(jobs.clock), ref);
    await Promise.all([work(), work(), work()]);
    await work();
    expect(started).toHaveLength(5);
    const { job, outcomes } = await stateOf(jobs, jobId);
    expect(indices(outcomes)).toEqual(upTo(5));
    expect(job).toMatchObject({ status: 'completed', succeeded: 5 });
  });

  it('repeats only what was not recorded', async () => {
    const { workload, started, submission } = doubling({ concurrency: 1 });
    const jobs = cloud.jobs(workload);
    const items = values(5).map((item) => (item.value === 3 ? { ...item, ms: 1_500 } : item));
    const { jobId } = await submit(jobs, submission(items), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    await continueSlice(jobs, invocation(jobs.clock, 400), ref);
    expect((await jobs.ledger.slice(ref))?.hops).toBe(1);
    expect(started.filter((value) => value < 3)).toEqual([0, 1, 2]);
    await drain(cloud, jobs);
    expect(started.filter((value) => value < 3)).toEqual([0, 1, 2]);
    expect(indices((await stateOf(jobs, jobId)).outcomes)).toEqual(upTo(5));
  });

  it('fails an item that takes longer than it may, and no other', async () => {
    const { workload, submission } = doubling({ timeoutMs: 200 });
    const jobs = cloud.jobs(workload);
    const items = values(5).map((item) => (item.value === 3 ? { ...item, ms: 60_000 } : item));
    const { jobId } = await submit(jobs, submission(items), 0, { waitUntil: 0, goneAt: 0 });
    await drain(cloud, jobs);
    const { job, outcomes } = await stateOf(jobs, jobId);
    expect(job).toMatchObject({ status: 'partial', succeeded: 4, failed: 1 });
    expect(outcomes[3]).toMatchObject({ error: { code: 'ITEM_TIMED_OUT', retryable: true } });
  });

  it('gives up on an item that never fits, and undoes what it left', async () => {
    const { workload, undone, submission } = doubling({ sliceSize: 1 });
    const jobs = cloud.jobs(workload, systemClock, {
      settings: { leaseMs: 10_000, maxHops: 2, maxWaits: 50, maxCrashes: 3 },
    });
    const { jobId } = await submit(jobs, submission(values(1, { ms: 60_000 })), 0, {
      waitUntil: 0,
      goneAt: 0,
    });
    await drain(cloud, jobs, 50);
    const { job, outcomes } = await stateOf(jobs, jobId);
    expect(job.status).toBe('failed');
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'HOPS_EXHAUSTED', retryable: true } },
    ]);
    expect(undone).toEqual([0]);
  });

  it('undoes what a failed item left', async () => {
    const { workload, undone, submission } = doubling();
    const jobs = cloud.jobs(workload);
    const { jobId } = await submit(jobs, submission(values(2, { fails: true })), 0, {
      waitUntil: 0,
      goneAt: 0,
    });
    await drain(cloud, jobs);
    expect((await stateOf(jobs, jobId)).job.status).toBe('failed');
    expect(undone).toEqual([0, 1]);
  });

  it('records as failed what ends in the dead-letter queue, and only that', async () => {
    const { workload, submission } = doubling({ concurrency: 1 });
    const jobs = cloud.jobs(workload);
    const items = values(5).map((item) => (item.value === 2 ? { ...item, ms: 60_000 } : item));
    const { jobId } = await submit(jobs, submission(items), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    await continueSlice(jobs, invocation(jobs.clock, 300), ref);
    await buryDeadLetter(jobs, 'deadLetter', ref);
    await buryDeadLetter(jobs, 'deadLetter', ref);
    const { job, outcomes } = await stateOf(jobs, jobId);
    expect(job).toMatchObject({ status: 'partial', succeeded: 2, failed: 3 });
    expect(outcomes[2]).toMatchObject({
      status: 'failed',
      error: { code: 'NOT_DELIVERED' },
      ranOn: 'deadLetter',
    });
  });

  it('keeps a dead letter while a worker holds the slice', async () => {
    const { workload, submission } = doubling();
    const jobs = cloud.jobs(workload);
    const { jobId } = await submit(jobs, submission(values(5)), 1, { waitUntil: 0, goneAt: 0 });
    await expect(buryDeadLetter(jobs, 'deadLetter', { jobId, sliceId: '000000' })).rejects.toMatchObject({
      code: 'SLICE_BUSY',
    });
  });

  it('of a workload that exists no more ends as a dead letter', async () => {
    const { workload, submission } = doubling();
    const jobs = cloud.jobs(workload);
    const { jobId } = await submit(jobs, submission(values(2)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    const later = { ...jobs, workloads: new Map() };
    await expect(continueSlice(later, invocation(jobs.clock), ref)).rejects.toMatchObject({
      code: 'UNKNOWN_WORKLOAD',
    });
    await buryDeadLetter(later, 'deadLetter', ref);
    expect((await stateOf(jobs, jobId)).job).toMatchObject({ status: 'failed', failed: 2 });
  });

  it('ignores pointers to nothing', async () => {
    const jobs = cloud.jobs(doubling().workload);
    await continueSlice(jobs, invocation(jobs.clock), { jobId: 'job_none', sliceId: '000000' });
    await buryDeadLetter(jobs, 'deadLetter', { jobId: 'job_none', sliceId: '000000' });
  });
});

describe('leases', () => {
  it('of slices that are done are left alone while their worker goes on with others', async () => {
    // Renewed every 100 ms: often, while the last item runs and the first slice is long done.
    const settings = { leaseMs: 300, maxHops: 20, maxWaits: 50, maxCrashes: 3 };
    const { workload, submission } = doubling();
    const warnings: string[] = [];
    const log = { info: () => {}, warn: (message: string) => warnings.push(message), error: () => {} };
    const jobs = cloud.jobs(workload, systemClock, { settings, log });
    const items = values(10).map((item) => (item.value === 9 ? { ...item, ms: 800 } : item));
    const { state } = await answer(jobs, invocation(jobs.clock), submission(items), times());
    expect(warnings).toEqual([]);
    expect(state.job).toMatchObject({ status: 'completed', succeeded: 10 });
  });

  it('may be renewed once more when the slice has just been done', async () => {
    const { workload, submission } = doubling();
    const jobs = cloud.jobs(workload);
    const { jobId } = await submit(jobs, submission(values(1)), 0, { waitUntil: 0, goneAt: 0 });
    const ref = { jobId, sliceId: '000000' };
    await continueSlice(jobs, invocation(jobs.clock), ref);
    await jobs.ledger.renew({ ...ref, claim: 1 }, jobs.clock.now());
    await expect(jobs.ledger.renew({ ...ref, claim: 0 }, jobs.clock.now())).resolves.toEqual({
      refused: 'lease-lost',
    });
  });
});
