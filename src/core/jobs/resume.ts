import { isDeepStrictEqual } from 'node:util';
import { SpillwayError } from '../engine/errors.ts';
import { isHeld, type Job, type JobState } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import type { Adjustment } from './model/job-life.ts';
import { type JobsContext, workloadOf } from './model/jobs-context.ts';
import type { Slice, Task } from './model/slice.ts';
import { isClosed } from './model/slice.ts';
import { limitsOf } from './model/workload-limits.ts';
import { startable } from './slices/lanes.ts';
import { sendMessages } from './slices/messages.ts';
import { addFinishTask } from './slices/settle.ts';

/**
 * Goes on with a held job; the job then belongs to this service or session. The adjustment changes how a job runs and
 * how its output is written, also while it runs. The files of an ended job are written again if their format changes.
 * Throws `OPTIONS_INVALID` if other options would change the results, and `JOB_ENDED`.
 */
export async function resume(
  jobs: JobsContext,
  state: JobState,
  { maxWorkers, output, options }: Adjustment,
): Promise<void> {
  const { ledger, clock, log } = jobs;
  const { job } = state;
  const { session } = jobs.settings;
  if (job.status !== 'running') return rewrite(jobs, state, output);
  const most = mostWorkers(jobs, state, { maxWorkers, options });
  const adjustment = {
    ...(most !== undefined && { maxWorkers: most }),
    ...(output && job.output && { output }),
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

async function rewrite(jobs: JobsContext, { job }: JobState, output: Adjustment['output']): Promise<void> {
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
