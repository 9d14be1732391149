import { randomUUID } from 'node:crypto';
import { SpillwayError } from '../core/engine/errors.ts';
import type { Job, JobKey } from '../core/jobs/model/job.ts';
import { jobErrors } from '../core/jobs/model/job-errors.ts';
import * as jobLife from '../core/jobs/model/job-life.ts';
import type {
  JobRecords,
  KeyRecords,
  LearnedRecords,
  Ledger,
  SliceRecords,
} from '../core/jobs/model/ledger.ts';
import {
  isSlice,
  isTask,
  rootOf,
  roundOf,
  type Slice,
  type SliceRef,
  type Task,
} from '../core/jobs/model/slice.ts';
import * as sliceLife from '../core/jobs/model/slice-life.ts';
import { copyOf } from './copy.ts';

/** A job and its records. */
interface Remembered {
  record?: jobLife.JobRecord;
  /** Slices and tasks by id. */
  work: Map<string, Slice | Task>;
  stoppedRound: number;
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

/**
 * {@link Ledger} in memory, for tests and for trying out workloads: the transitions of `slice-life.ts` and
 * `job-life.ts`, and nothing else. Values are copied on the way in and out, as they would be over a wire.
 */
export function memoryLedger(): Ledger {
  const jobs = new Map<string, Remembered>();
  const unfinished = new Set<string>();
  const remembered = (jobId: string): Remembered => {
    const found = jobs.get(jobId) ?? { work: new Map<string, Slice | Task>(), stoppedRound: -1 };
    jobs.set(jobId, found);
    return found;
  };
  return {
    ...memoryJobs(remembered, jobs, unfinished),
    ...memorySlices(remembered),
    ...memoryKeys(),
    ...memoryLearned(),
  };
}

function memorySlices(remembered: (jobId: string) => Remembered): SliceRecords {
  let holders = 0;

  const find = ({ jobId, sliceId }: SliceRef) => remembered(jobId).work.get(sliceId);

  const change = async <Work extends Slice | Task>(
    ref: SliceRef,
    transition: (work: Work) => sliceLife.Change<Work>,
  ): Promise<sliceLife.Change<Work>> => {
    const current = find(ref) as Work | undefined;
    if (!current) return { refused: 'missing' };
    const outcome = transition(current);
    if ('to' in outcome) remembered(ref.jobId).work.set(ref.sliceId, copyOf(outcome.to));
    return copyOf(outcome);
  };

  const add = (work: Slice | Task) => {
    const all = remembered(work.jobId).work;
    if (!all.has(work.id)) all.set(work.id, copyOf(work));
  };

  return {
    async slice(ref) {
      const found = find(ref);
      return found && !isTask(found) ? copyOf(found) : undefined;
    },

    async family(jobId, rootId) {
      const all = [...remembered(jobId).work.values()].filter(isSlice);
      return copyOf(all.filter(({ id }) => rootOf(id) === rootId).sort(byId));
    },

    async add(work) {
      for (const one of work) add(one);
    },

    async claim(ref, times) {
      holders += 1;
      const holder = String(holders);
      const claimed = await change<Slice | Task>(ref, (work) => sliceLife.claim(work, { ...times, holder }));
      if ('to' in claimed) {
        const work = claimed.to;
        const lease = { ...ref, claim: work.claims };
        return isTask(work) ? { kind: 'task', task: work, lease } : { kind: 'slice', slice: work, lease };
      }
      const work = find(ref);
      if (!work) return { kind: 'missing' };
      return claimed.refused === 'closed' ? { kind: 'closed', work: copyOf(work) } : { kind: 'busy' };
    },

    renew: (lease, leaseUntil) =>
      change(lease, (work) => sliceLife.renew(work, { claim: lease.claim, leaseUntil })),

    checkpoint: (lease, event) =>
      change<Slice>(lease, (slice) => sliceLife.checkpoint(slice, { claim: lease.claim, ...event })),

    release: (lease, queuedAt, after) =>
      change(lease, (work) => sliceLife.release(work, { claim: lease.claim, queuedAt, after })),

    async split(lease, parts) {
      for (const part of parts) add(part);
      return change<Slice>(lease, (slice) => sliceLife.split(slice, lease));
    },

    note: (lease, note, leaseUntil, done) =>
      change<Task>(lease, (task) => sliceLife.note(task, { claim: lease.claim, note, leaseUntil, done })),

    expire: (ref, now) => change(ref, (work) => sliceLife.expire(work, { now })),
    drop: (ref) => change(ref, sliceLife.drop),
    resend: (ref) => change(ref, sliceLife.resend),
  };
}

function memoryJobs(
  remembered: (jobId: string) => Remembered,
  jobs: ReadonlyMap<string, Remembered>,
  unfinished: Set<string>,
): JobRecords {
  const read = (jobId: string) => jobs.get(jobId)?.record?.job;

  /** Makes a transition of a job; undefined if it is refused, or there is no such job. */
  const change = (jobId: string, transition: (job: Job) => sliceLife.Change<Job>): Job | undefined => {
    const { record } = remembered(jobId);
    const outcome = record && transition(record.job);
    if (!record || !outcome || 'refused' in outcome) return undefined;
    remembered(jobId).record = { ...record, job: copyOf(outcome.to) };
    return outcome.to;
  };

  /** A job with a webhook stays listed until the sweeper finds that its notice was sent. */
  const forgetUnlessAwaited = (jobId: string) => {
    if (read(jobId)?.webhook === undefined) unfinished.delete(jobId);
  };

  return {
    async create(job, work) {
      const { work: all } = remembered(job.id);
      for (const one of work) all.set(one.id, copyOf(one));
      unfinished.add(job.id);
      remembered(job.id).record ??= { job: copyOf(job), settled: new Set() };
    },

    job: async (jobId) => copyOf(read(jobId)),

    async state(jobId) {
      const found = jobs.get(jobId);
      if (!found?.record) return undefined;
      const { job, settled } = found.record;
      const all = [...found.work.values()].sort(byId);
      return copyOf({
        job,
        slices: all.filter(isSlice).filter(({ id }) => roundOf(id) <= (job.rounds ?? 0)),
        tasks: all.filter(isTask),
        settled,
      });
    },

    async jobsOf(tenant, limit, before) {
      const all = [...jobs.values()].flatMap(({ record }) => (record ? [record.job] : []));
      const own = all.filter((job) => job.tenant === tenant && (before === undefined || job.id < before));
      return copyOf(own.sort(byId).reverse().slice(0, limit));
    },

    async settle(slice) {
      const { record } = remembered(slice.jobId);
      if (!record) throw new SpillwayError(jobErrors.JOB_NOT_FOUND, `There is no job ${slice.jobId}`);
      const outcome = jobLife.settle(record, slice);
      if ('refused' in outcome) return { job: copyOf(record.job), first: false };
      remembered(slice.jobId).record = outcome.to;
      return { job: copyOf(outcome.to.job), first: true };
    },

    async mark(jobId, marks) {
      change(jobId, (job) => jobLife.mark(job, marks));
    },

    async stop(jobId, round) {
      remembered(jobId).stoppedRound = round;
    },

    isStopped: async (jobId, round) => remembered(jobId).stoppedRound >= round,

    async reopen(jobId, round, now, session) {
      unfinished.add(jobId);
      const by = randomUUID();
      return change(jobId, (job) => jobLife.reopen(job, { round, now, by, session })) !== undefined;
    },

    async attend(jobId, session, now) {
      change(jobId, (job) => jobLife.attend(job, { session, now }));
    },

    hold: async (jobId, now) => change(jobId, (job) => jobLife.hold(job, { now })) !== undefined,

    resume: async (jobId, now, session, adjustment) =>
      change(jobId, (job) => jobLife.resume(job, { now, session, adjustment })) !== undefined,

    async extend(jobId, now, session, source) {
      unfinished.add(jobId);
      return change(jobId, (job) => jobLife.extend(job, { now, session, source })) !== undefined;
    },

    async rewrite(jobId, output) {
      unfinished.add(jobId);
      return change(jobId, (job) => jobLife.rewrite(job, { output })) !== undefined;
    },

    async plan(jobId, totalItems, done, warnings) {
      change(jobId, (job) => jobLife.plan(job, { totalItems, done, ...(warnings && { warnings }) }));
    },

    async finish(jobId, event) {
      const finished = change(jobId, (job) => jobLife.finish(job, event));
      if (!event.finishing) forgetUnlessAwaited(jobId);
      return finished !== undefined;
    },

    async windUp(jobId, event) {
      const done = change(jobId, (job) => jobLife.windUp(job, event));
      forgetUnlessAwaited(jobId);
      return done !== undefined;
    },

    async waitFor(jobId, wait) {
      change(jobId, (job) => jobLife.waitFor(job, wait));
    },

    async noteTrouble(jobId, trouble) {
      change(jobId, (job) => jobLife.noteTrouble(job, trouble));
    },

    async *unfinished() {
      yield* [...unfinished].sort();
    },

    async forget(jobId) {
      unfinished.delete(jobId);
    },
  };
}

function memoryKeys(): KeyRecords {
  const keys = new Map<string, JobKey>();
  const at = ({ tenant, key }: JobKey) => JSON.stringify([tenant, key]);
  return {
    async reserveKey(key) {
      const found = keys.get(at(key)) ?? copyOf(key);
      keys.set(at(key), found);
      return copyOf(found);
    },

    async takeOverKey(key, creatorGoneAt) {
      const found = keys.get(at(key));
      if (found?.creatorGoneAt !== key.creatorGoneAt) return false;
      keys.set(at(key), { ...found, creatorGoneAt });
      return true;
    },
  };
}

function memoryLearned(): LearnedRecords {
  const all = new Map<string, Awaited<ReturnType<LearnedRecords['learned']>>>();
  return {
    learned: async (name) => copyOf(all.get(name)) ?? {},
    async saveLearned(name, learned) {
      all.set(name, copyOf(learned));
    },
  };
}
