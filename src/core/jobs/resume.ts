import { isDeepStrictEqual } from 'node:util';
import { SpillwayError } from '../engine/errors.ts';
import { isHeld, type Job, type JobOutput, type JobSource, type JobState } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import { type JobsContext, workloadOf } from './model/jobs-context.ts';
import { isClosed, newTask, type Slice, type Task } from './model/slice.ts';
import { limitsOf } from './model/workload-limits.ts';
import { startable } from './slices/lanes.ts';
import { sendMessages } from './slices/messages.ts';
import { addFinishTask } from './slices/settle.ts';

/** What a resumed job may have otherwise than before. */
export interface Wanted {
  maxWorkers?: number | undefined;
  output?: JobOutput | undefined;
  /** All of them. */
  options?: unknown;
  /** More rows of the job's file than were wanted; null: all. */
  limit?: number | null | undefined;
}

/**
 * Goes on with a held job; the job then belongs to this service or session. The adjustment changes how a job runs and
 * how its output is written, also while it runs; more rows of its file may be wanted. The files of an ended job are written again if their format changes.
 * Throws `OPTIONS_INVALID` if other options would change the results, and `JOB_ENDED`.
 */
export async function resume(
  jobs: JobsContext,
  state: JobState,
  { maxWorkers, output, options, limit }: Wanted,
): Promise<void> {
  const { ledger, clock, log } = jobs;
  const { job } = state;
  const { session } = jobs.settings;
  const more = sourceWith(job, limit);
  if (more && !job.planning) return extend(jobs, state, more, { maxWorkers, output, options });
  if (job.status !== 'running') return rewrite(jobs, state, output);
  const most = mostWorkers(jobs, state, { maxWorkers, options });
  const adjustment = {
    ...(most !== undefined && { maxWorkers: most }),
    ...(output && job.output && { output }),
    ...(more && { source: more }),
    // A file goes on to be cut as it was begun: what a dead worker has cut already is cut again in the same places.
    ...(options !== undefined && { options, sliceSize: job.sliceSize ?? sliceSizeOf(jobs, job) }),
  };
  const held = isHeld(job, session);
  const now = clock.now();
  if (!(await ledger.resume(job.id, now, session, adjustment)))
    throw ended((await ledger.job(job.id)) ?? job);
  if (held) await ledger.stop(job.id, (job.rounds ?? 0) - 1, now);
  else if (most === undefined || most === job.maxWorkers) return;
  const due = await dueNow(jobs, state, most ?? job.maxWorkers);
  // From here on, the sweeper finds what was not sent.
  await sendMessages(jobs, job, due);
  log.info('job resumed', { jobId: job.id, slices: due.length });
}

const sliceSizeOf = (jobs: JobsContext, { workload, options }: Job) =>
  limitsOf(workloadOf(jobs, workload), options).sliceSize;

/** The job's file with more of its rows; undefined if that changes nothing. */
function sourceWith({ source }: Job, limit: Wanted['limit']): JobSource | undefined {
  if (!source || limit === undefined || source.limit === undefined) return undefined;
  const { limit: before, ...whole } = source;
  if (limit === null) return whole;
  return limit > before ? { ...whole, limit } : undefined;
}

/** Cuts on where the limit was, then goes on as wanted. Throws `JOB_NOT_ENDED` while the files are being written. */
async function extend(
  jobs: JobsContext,
  { job, tasks }: JobState,
  source: JobSource,
  wanted: Wanted,
): Promise<void> {
  const { ledger, clock } = jobs;
  const writing = tasks.some((task) => task.task === 'write-output' && !isClosed(task));
  const held = isHeld(job, jobs.settings.session);
  if (writing || !(await ledger.extend(job.id, clock.now(), jobs.settings.session, source))) {
    throw new SpillwayError(jobErrors.JOB_NOT_ENDED, 'The files of the job are still being written');
  }
  const last = tasks.findLast(({ task }) => task === 'split-source');
  const id = `plan-${(job.rewrites ?? 0) + 1}`;
  const task = newTask({ jobId: job.id, id, task: 'split-source', note: last?.note }, clock.now());
  await ledger.add([task]);
  if (held) await ledger.stop(job.id, (job.rounds ?? 0) - 1, clock.now());
  const state = await ledger.state(job.id);
  if (!state) return;
  await resume(jobs, state, wanted);
  await sendMessages(jobs, job, await dueNow(jobs, { ...state, job }, state.job.maxWorkers));
  jobs.log.info('job extended', { jobId: job.id, limit: source.limit });
}

/** Slices that may run at a time from now on. Throws `OPTIONS_INVALID`. */
function mostWorkers(
  jobs: JobsContext,
  { job }: JobState,
  { maxWorkers, options }: { maxWorkers: number | undefined; options: unknown },
): number | undefined {
  if (options === undefined) return maxWorkers;
  const workload = workloadOf(jobs, job.workload);
  const decisive = (all: unknown) => workload.decisiveOptions?.(Object(all)) ?? all;
  if (!isDeepStrictEqual(decisive(options), decisive(job.options))) {
    throw new SpillwayError(
      jobErrors.OPTIONS_INVALID,
      'Other options would change the results of the job: submit a new one',
    );
  }
  return maxWorkers ?? (job.maxWorkers === undefined ? undefined : limitsOf(workload, options).maxWorkers);
}

/** Ids of what waits for a message: tasks, and the slices that may start. */
async function dueNow(
  jobs: JobsContext,
  { job, slices, tasks }: JobState,
  maxWorkers: number | undefined,
): Promise<string[]> {
  const open: (Slice | Task)[] = [
    ...tasks.filter((task) => !isClosed(task)),
    ...startable(slices, maxWorkers),
  ];
  const { owner } = job;
  // The workers of a session that is over are gone: nobody needs to wait for the end of their leases.
  const orphaned = owner !== undefined && owner.session !== '' && owner.session !== jobs.settings.session;
  const due: string[] = [];
  for (const work of open) {
    const ref = { jobId: job.id, sliceId: work.id };
    if (work.status === 'queued') due.push(work.id);
    else if (work.status === 'running') {
      const over = orphaned ? work.leaseUntil + 1 : jobs.clock.now();
      if ('to' in (await jobs.ledger.expire(ref, over))) due.push(work.id);
    }
  }
  return due;
}

async function rewrite(jobs: JobsContext, { job }: JobState, output: JobOutput | undefined): Promise<void> {
  const { ledger, log } = jobs;
  const same = output && job.output?.format === output.format && !job.output.gzip === !output.gzip;
  if (!output || !job.output || same) throw ended(job);
  if (!(await ledger.rewrite(job.id, output))) {
    throw new SpillwayError(jobErrors.JOB_NOT_ENDED, 'The files of the job are still being written');
  }
  const changed = await ledger.job(job.id);
  if (changed) await addFinishTask(jobs, changed);
  log.info('files to be written again', { jobId: job.id, format: output.format });
}

const ended = ({ status }: { status: string }) =>
  new SpillwayError(jobErrors.JOB_ENDED, `The job has already ended: it is ${status}`);
