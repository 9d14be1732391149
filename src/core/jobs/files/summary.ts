import { causesOf, postponedIn } from '../../engine/errors.ts';
import { toJson } from '../../json/text.ts';
import type { Job, Outcome } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import type { Summary } from '../workload.ts';

/** Gathers a workload's summary of a job. */
export interface Gathering {
  readonly wanted: boolean;
  add(outcome: Outcome): void;
  /** Writes the summary and resolves to its key; undefined if there is none. */
  write(): Promise<string | undefined>;
}

/** Logs and leaves out a summary that throws: it must not cost the job its output. */
export function gatherSummary({ workloads, blobs, log }: JobsContext, job: Job): Gathering {
  let summary: Summary | undefined;
  const giveUp = (error: unknown) => {
    log.error('summary failed', { jobId: job.id, workload: job.workload, error: causesOf(error) });
    summary = undefined;
  };
  try {
    summary = workloads.get(job.workload)?.summary?.(job.options);
  } catch (error) {
    giveUp(error);
  }
  return {
    wanted: summary !== undefined,
    add(outcome) {
      try {
        summary?.add(outcome);
      } catch (error) {
        giveUp(error);
      }
    },
    async write() {
      let text: string | undefined;
      try {
        text = summary && toJson(await summary.result(), 2);
      } catch (error) {
        // The store's trouble is not the summary's fault: the next worker gathers it again.
        if (postponedIn(error)) throw error;
        giveUp(error);
      }
      if (text === undefined) return undefined;
      const key = `jobs/${job.id}/summary.json`;
      await blobs.put(key, `${text}\n`, 'application/json');
      return key;
    },
  };
}
