import { wordCount } from '../../examples/word-count/workload.ts';
import type { WorkloadFactory } from '../../src/workloads/ports.ts';
import { registry } from '../../src/workloads/registry.ts';

/** The service's workloads, and the example of the documentation: what holds for all must hold for a stranger's. */
export const withExample: readonly WorkloadFactory[] = [...registry, wordCount];
