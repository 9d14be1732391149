import { SpillwayError } from '../engine/errors.ts';
import type { Workload, WorkloadLimits } from '../jobs/workload.ts';
import { upstreams } from '../upstream/registry.ts';

type NumericLimit = Exclude<keyof WorkloadLimits, 'failures'>;

/** Ranges of {@link WorkloadLimits}. A slice's parts and items must stay small objects. */
const ranges: Required<Record<NumericLimit, readonly [number, number]>> = {
  concurrency: [1, 1_000],
  sliceSize: [1, 10_000],
  checkpointMs: [0, 60_000],
  timeoutMs: [1, 900_000],
  expectedMsPerUnit: [1, 900_000],
};

/**
 * Checks a workload's definition once, and forgets its types: the jobs room handles items of every workload alike.
 * That is safe because items and options are parsed by the workload's own schemas before they are recorded.
 * Throws `WORKLOAD_INVALID`, naming the value.
 */
export function defineWorkload<Item, Options, Output>(workload: Workload<Item, Options, Output>): Workload {
  if (!/^[a-z][a-z0-9-]*$/.test(workload.name)) {
    throw new SpillwayError(
      'WORKLOAD_INVALID',
      `A workload's name has lower-case letters, digits and '-'; got '${workload.name}'`,
    );
  }
  for (const upstream of workload.upstreams ?? []) {
    if (!(upstream in upstreams)) {
      const known = Object.keys(upstreams).join(', ');
      const message = `${workload.name}: there is no upstream '${upstream}'; there are: ${known}`;
      throw new SpillwayError('WORKLOAD_INVALID', message);
    }
  }
  for (const [limit, [min, max]] of Object.entries(ranges)) {
    const value = workload.limits[limit as NumericLimit];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new SpillwayError(
        'WORKLOAD_INVALID',
        `${workload.name}: ${limit} must be a whole number from ${min} to ${max}; got ${value}`,
      );
    }
  }
  return workload as unknown as Workload;
}
