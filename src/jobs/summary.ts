import type { Job, Outcome } from './job.ts';
import type { Room } from './room.ts';
import type { Summary } from './workload.ts';

/** Gathers what a workload says of a job as a whole. */
export interface Gathering {
  readonly wanted: boolean;
  add(outcome: Outcome): void;
  /** Writes it; resolves to its key. Undefined where there is none. */
  write(): Promise<string | undefined>;
}

/** A summary that throws is left out and logged: it must not cost the job its output. */
export function gatherSummary({ workloads, blobs, log }: Room, job: Job): Gathering {
  const guarded = <Result>(step: () => Result): Result | undefined => {
    try {
      return step();
    } catch (error) {
      log.error('summary failed', { jobId: job.id, workload: job.workload, error: String(error) });
      summary = undefined;
      return undefined;
    }
  };
  let summary: Summary | undefined;
  summary = guarded(() => workloads.get(job.workload)?.summary?.(job.options));
  return {
    wanted: summary !== undefined,
    add(outcome) {
      if (summary) guarded(() => summary?.add(outcome));
    },
    async write() {
      const text = guarded(() => summary && JSON.stringify(summary.result(), null, 2));
      if (text === undefined) return undefined;
      const key = `jobs/${job.id}/summary.json`;
      await blobs.put(key, `${text}\n`, 'application/json');
      return key;
    },
  };
}
