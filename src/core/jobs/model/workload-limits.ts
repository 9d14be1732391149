import { SpillwayError } from '../../engine/errors.ts';
import type { Workload, WorkloadLimits } from '../workload.ts';
import { jobErrors } from './job-errors.ts';

type NumericLimit = Exclude<keyof WorkloadLimits, 'failures'>;

/** Ranges of {@link WorkloadLimits}. A slice's parts and items must stay small objects. */
const ranges: Required<Record<NumericLimit, readonly [number, number]>> = {
  concurrency: [1, 1_000],
  sliceSize: [1, 10_000],
  checkpointMs: [0, 60_000],
  timeoutMs: [1, 900_000],
  expectedMsPerUnit: [1, 900_000],
  maxWorkers: [1, 1_000],
};

/** The most outcomes that a worker keeps in memory to judge a job by. */
const largestWindow = 10_000;

/** Describes the first limit that is out of range, with its value; undefined if all are valid. */
export function limitsProblem(limits: WorkloadLimits): string | undefined {
  for (const [limit, [min, max]] of Object.entries(ranges)) {
    const value = limits[limit as NumericLimit];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < min || value > max)
      return `${limit} must be a whole number from ${min} to ${max}; got ${value}`;
  }
  const { failures } = limits;
  if (!failures) return undefined;
  if (!(failures.share >= 0 && failures.share < 1))
    return `failures.share must be at least 0 and below 1; got ${failures.share}`;
  if (!Number.isInteger(failures.of) || failures.of < 1 || failures.of > largestWindow)
    return `failures.of must be a whole number from 1 to ${largestWindow}; got ${failures.of}`;
  return undefined;
}

/**
 * The limits of a job: its workload's, as changed by the job's options. Throws `OPTIONS_INVALID` if the options push a
 * limit out of its range; never for an accepted job, whose options were checked.
 */
export function limitsOf({ name, limits, tune }: Workload, options: unknown): WorkloadLimits {
  if (!tune) return limits;
  // An undefined value keeps the workload's own.
  const tuned = Object.entries(tune(options)).filter(([, value]) => value !== undefined);
  const all: WorkloadLimits = { ...limits, ...Object.fromEntries(tuned) };
  const problem = limitsProblem(all);
  if (problem === undefined) return all;
  throw new SpillwayError(jobErrors.OPTIONS_INVALID, `${name} cannot run with these options: ${problem}`);
}
