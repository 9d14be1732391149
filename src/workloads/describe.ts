import { systemClock } from '../core/engine/clock.ts';
import type { Workload, WorkloadLimits } from '../core/jobs/workload.ts';
import { inputSchema, type JsonSchema } from './json-schema.ts';
import type { WorkloadFactory, WorkloadPorts } from './ports.ts';
import { allWorkloads, registry } from './registry.ts';

/** What there is to know of a workload before it is used. */
export interface WorkloadDescription {
  name: string;
  description: string;
  /** Columns that a file must have; none in particular where empty. */
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

/** A port with nothing behind it. */
const unplugged = <Port extends object>(): Port =>
  new Proxy({} as Port, {
    get: () => () => {
      throw new Error('This workload is here to be looked at, not to be run');
    },
  });

/**
 * Every workload, to be asked what it is: it needs no service, and cannot run. `ports`: what it is to know of the world,
 * such as what the accounts are allowed.
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
