import { systemClock } from '../core/engine/clock.ts';
import type { Workload, WorkloadLimits } from '../core/jobs/workload.ts';
import { inputSchema, type JsonSchema } from './json-schema.ts';
import type { WorkloadFactory, WorkloadPorts } from './ports.ts';
import { allWorkloads, registry } from './registry.ts';

/** Facts about a workload that a user needs beforehand. */
export interface WorkloadDescription {
  name: string;
  description: string;
  /** Columns that a file must have; empty if it needs none in particular. */
  columns: readonly string[] | 'as the options say';
  /** Names of the APIs that it calls. */
  upstreams: readonly string[];
  limits: WorkloadLimits;
  /** JSON Schema of its options. */
  options: JsonSchema;
}

export function describeWorkload(workload: Workload): WorkloadDescription {
  const { name, description, columns = [], upstreams = [], limits, options } = workload;
  return {
    name,
    description,
    columns: typeof columns === 'function' ? 'as the options say' : columns,
    upstreams: upstreams.map((upstream) => upstream.name),
    limits,
    options: inputSchema(options),
  };
}

/** A port without an adapter. */
const unplugged = <Port extends object>(): Port =>
  new Proxy({} as Port, {
    get: () => () => {
      throw new Error('This workload is here to be looked at, not to be run');
    },
  });

/**
 * Every workload, for inspection only: needs no service, and cannot run. `ports`: what the workloads may know about
 * the world, such as the accounts' limits.
 */
export function workloadsToLookAt(
  ports: Partial<Pick<WorkloadPorts, 'accounts' | 'downloads'>> = {},
  factories: readonly WorkloadFactory[] = registry,
): Workload[] {
  const all: WorkloadPorts = {
    blobs: unplugged(),
    env: {},
    downloads: {},
    accounts: unplugged(),
    openCache: () => unplugged(),
    openRecords: () => unplugged(),
    upstreamDeps: {
      store: unplugged(),
      clock: systemClock,
      metrics: unplugged(),
      workers: 1,
      onUnreachable: () => {},
    },
    ...ports,
  };
  const workloads = allWorkloads(all, factories);
  return [...workloads.values()];
}
