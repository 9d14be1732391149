import { SpillwayError } from '../core/engine/errors.ts';
import { limitsProblem } from '../core/jobs/model/workload-limits.ts';
import type { Workload } from '../core/jobs/workload.ts';
import { upstreams } from './upstreams.ts';
import { workloadErrors } from './workload-errors.ts';

/**
 * Checks a workload's definition once, and forgets its types: a job's life handles items of every workload alike.
 * That is safe because items and options are parsed by the workload's own schemas before they are recorded.
 * Throws `WORKLOAD_INVALID`, naming the value.
 */
export function defineWorkload<Item, Options, Output>(workload: Workload<Item, Options, Output>): Workload {
  if (!/^[a-z][a-z0-9-]*$/.test(workload.name)) {
    throw new SpillwayError(
      workloadErrors.WORKLOAD_INVALID,
      `A workload's name has lower-case letters, digits and '-'; got '${workload.name}'`,
    );
  }
  for (const upstream of workload.upstreams ?? []) {
    if (!(upstream in upstreams)) {
      const known = Object.keys(upstreams).join(', ');
      const message = `${workload.name}: there is no upstream '${upstream}'; available: ${known}`;
      throw new SpillwayError(workloadErrors.WORKLOAD_INVALID, message);
    }
  }
  const problem = limitsProblem(workload.limits);
  if (problem !== undefined)
    throw new SpillwayError(workloadErrors.WORKLOAD_INVALID, `${workload.name}: ${problem}`);
  return workload as unknown as Workload;
}
