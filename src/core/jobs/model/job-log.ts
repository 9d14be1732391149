import type { JobsContext } from './jobs-context.ts';
import type { Log } from './ports.ts';

/** The context with a log that names the job in every line. */
export function forJob(jobs: JobsContext, jobId: string): JobsContext {
  return { ...jobs, log: withFields(jobs.log, { jobId }) };
}

function withFields(log: Log, fields: Record<string, unknown>): Log {
  return {
    info: (message, more) => log.info(message, { ...fields, ...more }),
    warn: (message, more) => log.warn(message, { ...fields, ...more }),
    error: (message, more) => log.error(message, { ...fields, ...more }),
  };
}
