import { type Failure, failureOf } from '../../engine/errors.ts';
import type { Job } from '../model/job.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { WorkloadLimits } from '../workload.ts';

/** Jobs whose last outcomes a process remembers; the least recently used are dropped first. */
const remembered = 100;

/** The last outcomes of items that ran in this process, by job and round. */
const windows = new Map<string, { last: (Failure | undefined)[]; failed: number }>();

/** Decides from a job's last outcomes whether the job should continue. */
export interface FailureWindow {
  /** Adds the outcome of an item that ran. Returns the reason to stop the job, if there is one. */
  add(failure: Failure | undefined): Failure | undefined;
}

/**
 * The window of a job's round. It lives as long as the process, since slices may be smaller than the window. It decides
 * nothing until it is full, so a job with fewer than `of` items per worker runs to its end.
 */
export function failureWindow({ id, rounds = 0 }: Job, limit: WorkloadLimits['failures']): FailureWindow {
  if (!limit) return { add: () => undefined };
  const name = `${id}#${rounds}`;
  const window = windows.get(name) ?? { last: [], failed: 0 };
  windows.delete(name);
  windows.set(name, window);
  for (const oldest of windows.keys()) {
    if (windows.size <= remembered) break;
    windows.delete(oldest);
  }
  const { share, of } = limit;
  return {
    add(failure) {
      const { last } = window;
      last.push(failure);
      if (failure) window.failed += 1;
      if (last.length > of && last.shift()) window.failed -= 1;
      if (last.length < of || window.failed <= share * of) return undefined;
      return tooMany(
        last.filter((one) => one !== undefined),
        of,
      );
    },
  };
}

function tooMany(failed: readonly Failure[], of: number): Failure {
  const [[code, same] = ['', []]] = [...Map.groupBy(failed, (failure) => failure.code)].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  const example = same[0]?.message ?? '';
  const message = `${failed.length} of the last ${of} items failed, ${same.length} of them with ${code}: ${example}`;
  return failureOf(jobErrors.TOO_MANY_FAILURES, message, { failed: failed.length, of, code });
}
