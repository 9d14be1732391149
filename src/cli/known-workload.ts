import type { Workload } from '../core/jobs/workload.ts';

/** What a workload says of itself, by its name; undefined for one that only the service has. */
export async function knownWorkload(name: string): Promise<Workload | undefined> {
  // Not before it is needed: help and wrong usage must come at once.
  const { workloadsToLookAt } = await import('../workloads/describe.ts');
  return workloadsToLookAt().find((one) => one.name === name);
}
