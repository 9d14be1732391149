import type { Clock } from '../../engine/clock.ts';
import { SpillwayError } from '../../engine/errors.ts';
import { unknownName } from '../../engine/nearest.ts';
import type { Workload } from '../workload.ts';
import { jobErrors } from './job-errors.ts';
import type { Ledger } from './ledger.ts';
import type { Blobs, Log, Metrics, Notifier, Queue } from './ports.ts';

/** Ceilings of a job's life. */
export interface Settings {
  /** Milliseconds without a sign of life after which a worker loses its slice. */
  leaseMs: number;
  /** Hops of a slice before its remaining items fail. */
  maxHops: number;
  /** Waits of a slice for an upstream before its remaining items fail. */
  maxWaits: number;
  /** Workers that may die on a single item before it fails. */
  maxCrashes: number;
  /** The session of the command that runs this service. Default: none, as for a service that runs by itself. */
  session?: string;
}

/** Everything that the life of a job needs from outside; every function of this folder takes it. */
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
  /** The APIs of a workload that stand-ins answer for here. Default: none. */
  standIns?(workload: Workload, options: unknown): string[];
  settings: Settings;
}

/** Throws `UNKNOWN_WORKLOAD`, naming the workloads that exist and the nearest match. */
export function workloadOf(jobs: JobsContext, name: string): Workload {
  const workload = jobs.workloads.get(name);
  if (workload) return workload;
  throw new SpillwayError(
    jobErrors.UNKNOWN_WORKLOAD,
    unknownName('workload', name, [...jobs.workloads.keys()]),
  );
}
