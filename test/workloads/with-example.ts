import { wordCount } from '../../examples/word-count/workload.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';
import type { WorkloadFactory } from '../../src/workloads/ports.ts';
import { registry } from '../../src/workloads/registry.ts';

/** Whoever tries the documentation out has it in the registry. */
const isThere = workloadsToLookAt().some(({ name }) => name === wordCount().name);

/** The service's workloads, and the example of the documentation: what holds for all must hold for a stranger's. */
export const withExample: readonly WorkloadFactory[] = isThere ? registry : [...registry, wordCount];
