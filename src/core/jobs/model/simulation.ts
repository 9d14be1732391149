import type { Job } from './job.ts';
import { type JobsContext, workloadOf } from './jobs-context.ts';

/** The part of a job's record that says for which APIs stand-ins answer; nothing if all are real. */
export function simulation(jobs: JobsContext, workload: string, options: unknown): Pick<Job, 'simulatedBy'> {
  const names = jobs.standIns?.(workloadOf(jobs, workload), options) ?? [];
  return names.length === 0 ? {} : { simulatedBy: names };
}
