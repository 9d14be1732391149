import type { Workload } from '../core/jobs/workload.ts';

/** A workload's own description, by name; undefined if only the service has the workload. */
export async function knownWorkload(name: string): Promise<Workload | undefined> {
  // Loaded late, so that help and usage errors appear at once.
  const { workloadsToLookAt } = await import('../workloads/describe.ts');
  return workloadsToLookAt().find((one) => one.name === name);
}
