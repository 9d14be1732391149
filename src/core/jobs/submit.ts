import { sleep } from '../engine/clock.ts';
import { SpillwayError } from '../engine/errors.ts';
import { type Job, type JobKey, type JobOutput, newJobId } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import { ownedBy } from './model/job-life.ts';
import { type JobsContext, workloadOf } from './model/jobs-context.ts';
import { simulation } from './model/simulation.ts';
import { type Claimed, newSlice, type Slice, sliceId } from './model/slice.ts';
import { claim } from './model/slice-life.ts';
import type { Webhook } from './model/webhook.ts';
import { limitsOf } from './model/workload-limits.ts';
import { startable } from './slices/lanes.ts';
import { sendMessages } from './slices/messages.ts';
import { type IndexedItem, writeItems } from './slices/objects.ts';

/** A batch that a tenant submits. `items` and `options` have passed the workload's schemas. */
export interface Submission {
  tenant: string;
  workload: string;
  items: readonly unknown[];
  options: unknown;
  /** How to write the file of its outcomes. Default: no file. */
  output?: JobOutput;
  /** Slices that may run at the same time. */
  maxWorkers?: number;
  /** The client's idempotency key and a hash of the whole request. */
  idempotency?: { key: string; requestHash: string };
  /** Called when the job ends. */
  webhook?: Webhook;
}

export interface SubmitTimes {
  /** Epoch milliseconds until which to wait for another request with the same key. */
  waitUntil: number;
  /** Epoch milliseconds by which the platform has certainly ended this invocation. */
  goneAt: number;
}

/** `claimed`: the slices that stay with the caller; none if the job already existed. */
export interface Submitted {
  jobId: string;
  existed: boolean;
  claimed: Claimed[];
  job: Job;
}

/**
 * Records a job: writes items to the store, slices and job to the ledger, then sends all but the first `wanted` slices
 * to the queue. Once the job's record exists, the job is accepted: a crash at any later point loses nothing.
 * With an idempotency key that was seen before, returns the earlier job instead.
 * Throws `IDEMPOTENCY_KEY_REUSED` (same key, other request), `IDEMPOTENT_REQUEST_RUNNING` (not yet recorded) and
 * `OPTIONS_INVALID`.
 */
export async function submit(
  jobs: JobsContext,
  submission: Submission,
  wanted: number,
  times: SubmitTimes,
): Promise<Submitted> {
  const { ledger, clock } = jobs;
  const limits = limitsOf(workloadOf(jobs, submission.workload), submission.options);
  let jobId = newJobId(clock.now());
  if (submission.idempotency) {
    const key = {
      tenant: submission.tenant,
      ...submission.idempotency,
      jobId,
      creatorGoneAt: times.goneAt,
    };
    const existing = await existingJob(jobs, key, times);
    if (typeof existing === 'object')
      return { jobId: existing.id, existed: true, claimed: [], job: existing };
    jobId = existing;
  }

  const { maxWorkers = limits.maxWorkers } = submission;
  const keep = Math.min(wanted, maxWorkers ?? wanted);
  const now = clock.now();
  const job: Job = {
    id: jobId,
    tenant: submission.tenant,
    workload: submission.workload,
    options: submission.options,
    status: 'running',
    totalItems: submission.items.length,
    succeeded: 0,
    failed: 0,
    createdAt: now,
    ...(submission.output && { output: submission.output }),
    ...(submission.webhook && { webhook: submission.webhook }),
    ...(maxWorkers !== undefined && { maxWorkers }),
    ...ownedBy(jobs.settings.session, now),
    ...simulation(jobs, submission.workload, submission.options),
  };
  const slices = sliceUp(jobs, job, submission.items, limits.sliceSize, keep);
  await Promise.all(slices.map(({ slice, items }) => writeItems(jobs.blobs, slice, items)));
  const records = slices.map(({ slice }) => slice);
  await ledger.create(job, records);
  // The job is accepted by now: if a message cannot be sent, the sweeper finds its slice.
  const handedOn = startable(records, maxWorkers).filter(({ status }) => status === 'queued');
  await sendMessages(
    jobs,
    job,
    handedOn.map(({ id }) => id),
  );
  jobs.log.info('job accepted', {
    jobId,
    workload: job.workload,
    items: job.totalItems,
    slices: slices.length,
    keep,
  });
  jobs.metrics.count(
    'ItemsOverflowedEarly',
    slices.slice(keep).reduce((sum, { items }) => sum + items.length, 0),
  );
  const claimed = records
    .slice(0, keep)
    .map((slice) => ({ slice, lease: { jobId, sliceId: slice.id, claim: 1 } }));
  return { jobId, existed: false, claimed, job };
}

function sliceUp(jobs: JobsContext, job: Job, all: readonly unknown[], sliceSize: number, keep: number) {
  const slices: { slice: Slice; items: IndexedItem[] }[] = [];
  for (let from = 0; from < all.length; from += sliceSize) {
    const items = all.slice(from, from + sliceSize).map((item, offset) => ({ index: from + offset, item }));
    const place = { jobId: job.id, id: sliceId(slices.length), from, span: items.length };
    const slice = newSlice(place, job.createdAt);
    // Kept slices are created claimed, so that no other worker can claim them first.
    const leaseUntil = job.createdAt + jobs.settings.leaseMs;
    const kept = slices.length < keep && claim(slice, { now: job.createdAt, leaseUntil, holder: job.id });
    slices.push({ items, slice: kept && 'to' in kept ? kept.to : slice });
  }
  return slices;
}

/** Milliseconds between checks whether the other request has recorded its job. */
const lookAgainMs = 200;

/** The job that the key is bound to, or the id under which the caller must create it. */
export async function existingJob(
  jobs: JobsContext,
  wanted: JobKey,
  times: SubmitTimes,
): Promise<Job | string> {
  const { ledger, clock } = jobs;
  for (;;) {
    const stored = await ledger.reserveKey(wanted);
    if (stored.requestHash !== wanted.requestHash) {
      throw new SpillwayError(
        jobErrors.IDEMPOTENCY_KEY_REUSED,
        'This Idempotency-Key was used for a different request',
      );
    }
    if (stored.jobId === wanted.jobId) return wanted.jobId;
    const job = await ledger.job(stored.jobId);
    if (job) return job;
    // The other request died before it recorded its job: this one replaces it.
    if (clock.now() > stored.creatorGoneAt && (await ledger.takeOverKey(stored, times.goneAt)))
      return stored.jobId;
    if (clock.now() + lookAgainMs > times.waitUntil) {
      throw new SpillwayError(
        jobErrors.IDEMPOTENT_REQUEST_RUNNING,
        'Another request with this Idempotency-Key is being recorded',
      );
    }
    await sleep(clock, lookAgainMs);
  }
}
