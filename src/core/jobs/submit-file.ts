import { checkSource, sourceNotFound } from './files/read-source.ts';
import { type Job, type JobOutput, type JobSource, newJobId } from './model/job.ts';
import { ownedBy } from './model/job-life.ts';
import { type JobsContext, workloadOf } from './model/jobs-context.ts';
import { simulation } from './model/simulation.ts';
import { newTask } from './model/slice.ts';
import { limitsOf } from './model/workload-limits.ts';
import { sendMessages } from './slices/messages.ts';
import { existingJob, type Submission, type SubmitTimes } from './submit.ts';

/** A file that a tenant submits; its rows are the items. `options` have passed the workload's schema. */
export interface FileSubmission extends Omit<Submission, 'items' | 'output'> {
  source: JobSource;
  output: JobOutput;
}

/**
 * Records a job whose items come from a file; a worker cuts the file into slices. Reads the first rows beforehand to
 * refuse an unusable file at once: throws a `FileError`, `SOURCE_NOT_FOUND` or `OPTIONS_INVALID`.
 * With an idempotency key that was seen before, returns the earlier job instead.
 */
export async function submitFile(
  jobs: JobsContext,
  submission: FileSubmission,
  times: SubmitTimes,
): Promise<Job> {
  const { ledger, clock, log } = jobs;
  const { tenant, workload, options, source, output, idempotency, webhook } = submission;
  // Another tenant's file looks like a missing one.
  const own = source.key.startsWith(`uploads/${tenant}/`) && !source.key.split('/').includes('..');
  if (!own) throw sourceNotFound(source.key);
  const limits = limitsOf(workloadOf(jobs, workload), options);
  const { maxWorkers = limits.maxWorkers } = submission;
  const warnings = await checkSource(jobs, workloadOf(jobs, workload), { options, source, output });

  const now = clock.now();
  let id = newJobId(now);
  if (idempotency) {
    const existing = await existingJob(
      jobs,
      { tenant, ...idempotency, jobId: id, creatorGoneAt: times.goneAt },
      times,
    );
    if (typeof existing === 'object') return existing;
    id = existing;
  }
  const job: Job = {
    id,
    tenant,
    workload,
    options,
    status: 'running',
    totalItems: 0,
    succeeded: 0,
    failed: 0,
    createdAt: now,
    source,
    ...(warnings.length > 0 && { warnings }),
    planning: true,
    output,
    ...(webhook && { webhook }),
    ...(maxWorkers !== undefined && { maxWorkers }),
    ...ownedBy(jobs.settings.session, now),
    ...simulation(jobs, workload, options),
  };
  const task = newTask({ jobId: id, id: 'plan', task: 'split-source' }, now);
  await ledger.create(job, [task]);
  // The job is accepted by now: if the task's message cannot be sent, the sweeper finds the task.
  await sendMessages(jobs, job, [task.id]);
  log.info('job accepted', { jobId: id, workload, source: source.key });
  return job;
}
