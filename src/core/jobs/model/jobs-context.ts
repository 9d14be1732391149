import type { Clock } from '../../engine/clock.ts';
import { SpillwayError } from '../../engine/errors.ts';
import { unknownName } from '../../engine/nearest.ts';
import type { Workload } from '../workload.ts';
import { jobErrors } from './job-errors.ts';
import type { Ledger } from './ledger.ts';
import type { Blobs, Log, Metrics, Notifier, Queue } from './ports.ts';

/** Ceilings of a job's life. */
export interface Settings {
  /** A worker that shows no sign of life for this long has lost its slice, in milliseconds. */
  leaseMs: number;
  /** Times that a slice may be handed on before what is left of it fails. */
  maxHops: number;
  /** Times that a slice may be given back to wait for an upstream before what is left of it fails. */
  maxWaits: number;
  /** Workers that may die on a single item before it fails. */
  maxCrashes: number;
}

/** Everything that the life of a job needs from outside; handed to each function of this folder. */
export interface JobsContext {
  ledger: Ledger;
  queue: Queue;
  blobs: Blobs;
  /** Absent: no job can have a webhook. */
  notifier?: Notifier;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  workloads: ReadonlyMap<string, Workload>;
  settings: Settings;
}

/** Throws `UNKNOWN_WORKLOAD`, naming those that exist, and the nearest of them. */
export function workloadOf(jobs: JobsContext, name: string): Workload {
  const workload = jobs.workloads.get(name);
  if (workload) return workload;
  throw new SpillwayError(
    jobErrors.UNKNOWN_WORKLOAD,
    unknownName('workload', name, [...jobs.workloads.keys()]),
  );
}
