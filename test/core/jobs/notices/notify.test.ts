import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantKey, writtenKey } from '../../../../src/core/http/webhook-signature.ts';
import { cancel } from '../../../../src/core/jobs/cancel.ts';
import { continueSlice } from '../../../../src/core/jobs/continue.ts';
import { buryDeadLetter } from '../../../../src/core/jobs/dead-letter.ts';
import type { JobsContext } from '../../../../src/core/jobs/model/jobs-context.ts';
import { noticeId } from '../../../../src/core/jobs/model/notice.ts';
import type { Log, Notifier } from '../../../../src/core/jobs/model/ports.ts';
import { noticePauses } from '../../../../src/core/jobs/model/retry-policy.ts';
import { createNotifier, type NotifierOptions } from '../../../../src/core/jobs/notices/notifier.ts';
import { retry } from '../../../../src/core/jobs/retry.ts';
import { submit } from '../../../../src/core/jobs/submit.ts';
import { sweep } from '../../../../src/core/jobs/sweep.ts';
import { endNotice, jobView } from '../../../../src/core/jobs/views/job-view.ts';
import { viewOf } from '../../../../src/core/jobs/views/view.ts';
import { drain, stateOf } from '../asking.ts';
import { silence, startReceiver, status } from '../receiver.ts';
import { invocation, ShiftableClock } from '../surroundings.ts';
import { doubling, type TestItem, values } from '../workload.ts';
import { worldOfFile } from '../world.ts';

const world = await worldOfFile();
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver?.stop());
beforeEach(() => {
  receiver.received.splice(0);
  receiver.answers();
});

const secrets = ['the newer secret of this service', 'the older secret of this service'];
const verifier = (secret: string, tenant = 'acme') => new Webhook(writtenKey(tenantKey(secret, tenant)));
const local: NotifierOptions = { secrets, allowHttp: true, allowAddresses: ['127.0.0.1/32'] };

/** A context whose queue holds nothing back, but notes for how long it was to. */
function contextOf(notifier: Notifier = createNotifier(local), clock = new ShiftableClock()) {
  const { workload, submission } = doubling();
  const delays: number[] = [];
  const lines: unknown[] = [];
  const line = (message: string, fields?: object) => lines.push({ message, ...fields });
  const log: Log = { info: line, warn: line, error: line };
  const plain = world.jobs(workload, clock, { log });
  const queue: JobsContext['queue'] = {
    ...plain.queue,
    async send(messages, tenant, delaySeconds = 0) {
      if (delaySeconds > 0) delays.push(delaySeconds);
      await plain.queue.send(messages, tenant);
    },
  };
  const jobs: JobsContext = { ...plain, queue, notifier };
  return {
    jobs,
    clock,
    delays,
    lines,
    async submit(items: readonly TestItem[], url = receiver.url) {
      const given = { ...submission(items), webhook: { url } };
      return (await submit(jobs, given, 0, { waitUntil: 0, goneAt: 0 })).jobId;
    },
    work: () => drain(world, jobs),
    sweep: () => sweep(jobs, clock.now() + 60_000),
    view: async (jobId: string) => viewOf(await stateOf(jobs, jobId)),
    listed: async (jobId: string) => {
      for await (const id of jobs.ledger.unfinished()) if (id === jobId) return true;
      return false;
    },
  };
}

describe('a webhook', () => {
  it('is told once of each end, signed so that either secret shows whose it is', async () => {
    const { submit, work, jobs, view, sweep, listed } = contextOf();
    const jobId = await submit(values(7, { fails: true }));
    await work();
    expect(await view(jobId)).toMatchObject({
      status: 'failed',
      webhook: { status: 'delivered', attempts: 1, lastStatus: 200 },
    });
    await sweep();
    expect(await listed(jobId)).toBe(false);
    await retry(jobs, await stateOf(jobs, jobId));
    expect((await view(jobId)).webhook).toBeUndefined();
    await work();
    await sweep();

    expect(receiver.received).toHaveLength(2);
    for (const { headers, body } of receiver.received) {
      for (const secret of secrets) expect(() => verifier(secret).verify(body, headers)).not.toThrow();
      expect(() => verifier(secrets[0] ?? '', 'globex').verify(body, headers)).toThrow();
      expect(() => verifier(secrets[0] ?? '').verify(body.replace('failed', 'done'), headers)).toThrow();
      const notice = endNotice.extend({ data: jobView.strict() }).strict().parse(JSON.parse(body));
      expect(notice).toMatchObject({ type: 'job.failed', data: { jobId, status: 'failed', errorCount: 7 } });
    }
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      `${jobId}_0`,
      `${jobId}_1`,
    ]);
  });

  it('is told of a job that was cancelled', async () => {
    const { submit, work, jobs, view } = contextOf();
    const jobId = await submit(values(3));
    await cancel(jobs, await stateOf(jobs, jobId));
    await cancel(jobs, await stateOf(jobs, jobId));
    await work();
    expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual(['job.cancelled']);
    expect((await view(jobId)).webhook).toMatchObject({ status: 'delivered' });
  });

  it('that fails is called again later and later, under the same id', async () => {
    const { submit, work, delays, view, listed, sweep } = contextOf();
    receiver.answers(status(500), status(503), status(404));
    const jobId = await submit(values(1));
    await work();
    expect(delays).toEqual([5, 30, 120]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect((await view(jobId)).webhook).toEqual({ status: 'delivered', attempts: 4, lastStatus: 200 });
    await sweep();
    expect(await listed(jobId)).toBe(false);
  });

  it('that always fails is given up in the end; the job has ended all the while', async () => {
    const { submit, work, delays, view, jobs } = contextOf();
    receiver.answers(...Array.from({ length: 40 }, () => status(500)));
    const jobId = await submit(values(1));
    const [slice] = await world.receive();
    if (slice) await continueSlice(jobs, invocation(jobs.clock), slice);
    expect(await view(jobId)).toMatchObject({
      status: 'completed',
      webhook: { status: 'pending', attempts: 0 },
    });
    await work();
    expect(delays).toEqual(noticePauses);
    expect(Math.max(...delays)).toBeLessThanOrEqual(900);
    expect((await view(jobId)).webhook).toEqual({ status: 'failed', attempts: 20, lastStatus: 500 });
  });

  it('is not called again where the receiver is gone', async () => {
    const { submit, work, delays, view } = contextOf();
    receiver.answers(status(410));
    const jobId = await submit(values(1));
    await work();
    expect((await view(jobId)).webhook).toEqual({ status: 'failed', attempts: 1, lastStatus: 410 });
    expect([receiver.received.length, delays]).toEqual([1, []]);
  });

  it('is not followed to where it redirects', async () => {
    const { submit, work, view } = contextOf();
    receiver.answers(status(307, { location: '/elsewhere' }));
    const jobId = await submit(values(1));
    await work();
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook']);
    expect((await view(jobId)).webhook).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('that never answers is given up after its time, and called again', async () => {
    const { submit, work, view, delays } = contextOf(createNotifier({ ...local, timeoutMs: 300 }));
    receiver.answers(silence);
    const jobId = await submit(values(1));
    await work();
    expect([receiver.received.length, delays]).toEqual([2, [5]]);
    expect((await view(jobId)).webhook).toEqual({ status: 'delivered', attempts: 2, lastStatus: 200 });
  });

  it('leaves no secret in the log', async () => {
    const { submit, work, lines, jobs, view } = contextOf();
    receiver.answers(status(500), status(410));
    const jobId = await submit(values(2), `${receiver.url}?token=of-the-receiver`);
    await work();
    expect(lines.length).toBeGreaterThan(3);
    const told = JSON.stringify([lines, await view(jobId)]);
    const [key = ''] = secrets.map((secret) => tenantKey(secret, 'acme').toString('base64'));
    for (const secret of [...secrets, key, 'of-the-receiver']) expect(told).not.toContain(secret);
    expect(JSON.stringify(await stateOf(jobs, jobId))).not.toContain(secrets[0]);
  });
});

describe('an address that is not public', () => {
  const strict = createNotifier({ secrets, allowHttp: false, allowAddresses: [] });

  it.each([
    'https://10.0.0.1/hook',
    'https://169.254.169.254/latest',
    'https://[::1]/hook',
    'https://2130706433/hook',
    'https://localhost/hook',
    'https://app.localhost:8443/hook',
    'https://user:password@example.com/hook',
    'http://example.com/hook',
  ])('is refused at the door: %s', (url) => {
    expect(() => strict.check(url)).toThrow();
  });

  it('is not refused where it is public', () => {
    expect(() => strict.check('https://example.com/hook')).not.toThrow();
  });

  it('is never connected to, whatever name it has, nor tried again', async () => {
    const resolved: string[] = [];
    const notifier = createNotifier({ ...local, allowAddresses: [] }, async (host) => {
      resolved.push(host);
      return [{ address: '127.0.0.1', family: 4 }];
    });
    const { submit, work, view, delays } = contextOf(notifier);
    const jobId = await submit(values(1), `http://innocent.example:${receiver.port}/hook`);
    await work();
    expect((await view(jobId)).webhook).toEqual({
      status: 'failed',
      attempts: 1,
      lastError: 'ADDRESS_FORBIDDEN',
    });
    expect([resolved, receiver.received, delays]).toEqual([['innocent.example'], [], []]);
  });
});

describe('a crash', () => {
  const types = () => receiver.received.map(({ body }) => JSON.parse(body).type);

  it('between the end and its notice loses nothing: the sweeper finds the end untold', async () => {
    const { jobs, submit, work, sweep, view, listed } = contextOf();
    const jobId = await submit(values(1));
    const { add } = jobs.ledger;
    jobs.ledger.add = () => Promise.reject(new Error('the process is gone'));
    await work();
    expect(await view(jobId)).toMatchObject({ status: 'completed' });
    jobs.ledger.add = add;
    expect([receiver.received.length, await listed(jobId)]).toEqual([0, true]);
    await Promise.all([sweep(), sweep()]);
    await work();
    expect(types()).toEqual(['job.completed']);
    await sweep();
    expect(await listed(jobId)).toBe(false);
  });

  it('between the end and its notice loses nothing where the job is run again before anybody looks', async () => {
    const { jobs, submit, work } = contextOf();
    const jobId = await submit(values(1, { fails: true }));
    const { add } = jobs.ledger;
    jobs.ledger.add = () => Promise.reject(new Error('the process is gone'));
    await work();
    jobs.ledger.add = add;
    await retry(jobs, await stateOf(jobs, jobId));
    await work();
    expect(receiver.received.map(({ headers }) => headers['webhook-id']).sort()).toEqual([
      `${jobId}_0`,
      `${jobId}_1`,
    ]);
  });

  it('before its message was sent, or of the worker that had it, only delays it', async () => {
    const { jobs, clock, submit, work, sweep, listed } = contextOf();
    const jobId = await submit(values(1));
    const [slice] = await world.receive();
    const { send } = jobs.queue;
    jobs.queue.send = () => Promise.reject(new Error('the process is gone'));
    if (slice) await continueSlice(jobs, invocation(clock), slice);
    jobs.queue.send = send;
    const ref = { jobId, sliceId: noticeId({}) };
    expect(await jobs.ledger.claim(ref, { now: clock.now(), leaseUntil: clock.now() + 1_000 })).toMatchObject(
      {
        kind: 'task',
      },
    );
    await sweep();
    expect(await listed(jobId)).toBe(true);
    clock.shift(2_000);
    await sweep();
    await work();
    expect(types()).toEqual(['job.completed']);
  });

  it('after it was sent repeats it under the same id', async () => {
    const { jobs, clock, submit, work, sweep, view } = contextOf();
    const jobId = await submit(values(1));
    const { note } = jobs.ledger;
    jobs.ledger.note = () => Promise.reject(new Error('the process is gone'));
    await expect(work()).rejects.toThrow('gone');
    jobs.ledger.note = note;
    clock.shift(60_000);
    await sweep();
    await work();
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      `${jobId}_0`,
      `${jobId}_0`,
    ]);
    expect((await view(jobId)).webhook).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('that comes again and again ends in the dead letters, and as failed', async () => {
    const { jobs, submit, sweep, view, listed } = contextOf();
    const jobId = await submit(values(1));
    const [slice] = await world.receive();
    if (slice) await continueSlice(jobs, invocation(jobs.clock), slice);
    await buryDeadLetter(jobs, 'test', { jobId, sliceId: noticeId({}) });
    expect(await view(jobId)).toMatchObject({
      status: 'completed',
      webhook: { status: 'failed', lastError: 'NOT_DELIVERED' },
    });
    await sweep();
    expect(await listed(jobId)).toBe(false);
  });
});
