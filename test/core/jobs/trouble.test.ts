import { describe, expect, it } from 'vitest';
import { InfrastructureError, ItemError, SpillwayError } from '../../../src/core/engine/errors.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import type { Log } from '../../../src/core/jobs/model/ports.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { sweep } from '../../../src/core/jobs/sweep.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { stateOf } from './asking.ts';
import { invocation, ShiftableClock } from './surroundings.ts';
import { doubling, values } from './workload.ts';
import { worldOfFile } from './world.ts';

const world = await worldOfFile();
const times = { waitUntil: 0, goneAt: 0 };

const away = () =>
  new InfrastructureError(
    'STORE_UNAVAILABLE',
    'The object store of the service is unavailable',
    'object store',
    new Error('arn:aws:s3:::somebody'),
  );

/** Lines of a log, as they are written. */
function recordingLog(): Log & { lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (message: string, fields = {}) => void lines.push({ message, ...fields });
  return { lines, info: write, warn: write, error: write };
}

/** Delivers a job's messages until the queue is empty; what is held back comes at once. */
async function deliver(jobs: JobsContext, clock: ShiftableClock, jobId: string): Promise<void> {
  for (let rounds = 0; rounds < 20; rounds += 1) {
    // A sweep also finds what other tests have left.
    const refs = (await world.receive()).filter((ref) => ref.jobId === jobId);
    if (refs.length === 0) return;
    for (const ref of refs) await continueSlice(jobs, invocation(clock), ref);
  }
}

/** Sends at once what would be held back: the embedded queue goes by its own clock. */
const undelayed = (jobs: JobsContext): JobsContext => ({
  ...jobs,
  queue: { ...jobs.queue, send: (refs, tenant) => jobs.queue.send(refs, tenant) },
});

describe("the service's own trouble", () => {
  it.each([
    ['as it is', away],
    [
      'in an error of the workload',
      () => new ItemError('NO_PICTURE', 'No picture', { cause: new Error('upload', { cause: away() }) }),
    ],
    ['among several', () => new AggregateError([new Error('one'), away()])],
  ])('%s ends no item and uses up no attempt', async (_, trouble) => {
    const clock = new ShiftableClock();
    let left = 3;
    const { workload, submission, undone } = doubling({}, async () => {
      if (left-- > 0) throw trouble();
    });
    const jobs = undelayed(world.jobs(workload, clock));
    const { jobId } = await submit(jobs, submission(values(5)), 0, times);
    await deliver(jobs, clock, jobId);
    const { job, outcomes } = await stateOf(jobs, jobId);
    expect(job).toMatchObject({ status: 'completed', succeeded: 5 });
    expect(outcomes.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1]);
    expect(undone).toEqual([]);
  });

  it('is shown while it lasts, in our words, and told to the log in full', async () => {
    const clock = new ShiftableClock();
    let isAway = true;
    const { workload, submission } = doubling({}, async () => {
      if (isAway) throw away();
    });
    const log = recordingLog();
    const jobs = undelayed(world.jobs(workload, clock, { log }));
    const { jobId } = await submit(jobs, submission(values(2)), 0, times);
    for (const ref of await world.receive()) await continueSlice(jobs, invocation(clock), ref);
    const view = viewOf(await stateOf(jobs, jobId));
    expect(view).toMatchObject({ status: 'running', lastError: { code: 'STORE_UNAVAILABLE' } });
    expect(JSON.stringify(view)).not.toContain('arn:');
    expect(JSON.stringify(log.lines)).toContain('arn:aws:s3:::somebody');
    isAway = false;
    await deliver(jobs, clock, jobId);
    expect(viewOf(await stateOf(jobs, jobId))).not.toHaveProperty('lastError');
  });

  it('with reading the items hands the slice on', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const jobs = undelayed(world.jobs(workload, clock));
    const { jobId } = await submit(jobs, submission(values(2)), 0, times);
    let left = 4;
    const get: JobsContext['blobs']['get'] = async (...args) => {
      if (left-- > 0) throw away();
      return jobs.blobs.get(...args);
    };
    await deliver({ ...jobs, blobs: { ...jobs.blobs, get } }, clock, jobId);
    expect(await stateOf(jobs, jobId)).toMatchObject({
      job: { status: 'completed' },
      slices: [{ claims: 5, waits: 4 }],
    });
  });

  it('with the table leaves the message to come again, as a new one', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const jobs = undelayed(world.jobs(workload, clock));
    const { jobId } = await submit(jobs, submission(values(2)), 0, times);
    const claim = async () => {
      throw new InfrastructureError('TABLE_UNAVAILABLE', 'out of reach', 'table');
    };
    const [ref = { jobId, sliceId: '' }] = await world.receive();
    await continueSlice({ ...jobs, ledger: { ...jobs.ledger, claim } }, invocation(clock), ref);
    expect(await world.receive()).toEqual([ref]);
  });

  it('of any other kind is still a failure', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling({}, async () => {
      throw new SpillwayError('REQUEST_REFUSED', 'The object store refuses the request');
    });
    const jobs = world.jobs(workload, clock);
    const { jobId } = await submit(jobs, submission(values(1)), 0, times);
    await deliver(jobs, clock, jobId);
    expect((await stateOf(jobs, jobId)).job.codes).toEqual({ REQUEST_REFUSED: 1 });
  });
});

describe('a queue that refuses messages', () => {
  it('is told in the view of the job, until the sweeper gets them through', async () => {
    const clock = new ShiftableClock();
    const { workload, submission } = doubling();
    const log = recordingLog();
    const jobs = world.jobs(workload, clock, { log });
    const send = async () => {
      throw new InfrastructureError(
        'QUEUE_UNAVAILABLE',
        'The message queue of the service is unavailable',
        'queue',
      );
    };
    const refusing = { ...jobs, queue: { ...jobs.queue, send } };
    const { jobId } = await submit(refusing, submission(values(7)), 0, times);
    const since = new Date((await stateOf(jobs, jobId)).job.lastError?.since ?? 0).toISOString();
    const shown = {
      code: 'QUEUE_UNAVAILABLE',
      message: 'The message queue of the service is unavailable',
      since,
      count: expect.any(Number),
    };
    expect(viewOf(await stateOf(jobs, jobId)).lastError).toEqual(shown);
    for (let hours = 0; hours < 5; hours += 1) {
      clock.shift(3_600_000);
      await sweep(refusing, clock.now() + 60_000);
    }
    expect(viewOf(await stateOf(jobs, jobId)).lastError).toEqual(shown);
    // However long it was away, the first message is not put off any further.
    clock.shift(60_000);
    await sweep(jobs, clock.now() + 60_000);
    await deliver(jobs, clock, jobId);
    expect(await stateOf(jobs, jobId)).toMatchObject({ job: { status: 'completed' } });
    expect(log.lines.filter((line) => typeof line.jobId !== 'string')).toEqual([]);
  });
});

it('every line of a job names it', async () => {
  const clock = new ShiftableClock();
  const { workload, submission } = doubling({}, async ({ value }, { log }) => {
    log.info('a word of the workload');
    if (value === 2) throw new ItemError('TWO', 'It is two', { cause: new Error('one and one') });
    if (value === 3) throw away();
  });
  const log = recordingLog();
  const jobs = undelayed(world.jobs(workload, clock, { log }));
  await submit(jobs, submission(values(4)), 0, times);
  for (const ref of await world.receive()) await continueSlice(jobs, invocation(clock), ref);
  clock.shift(3_600_000);
  await sweep(jobs, clock.now() + 60_000);
  expect(log.lines.length).toBeGreaterThan(8);
  expect(log.lines.filter((line) => typeof line.jobId !== 'string')).toEqual([]);
  expect(log.lines.find(({ message }) => message === 'item failed')?.cause).toBe('Error: one and one');
});
