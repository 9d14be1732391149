import type { Variables } from '../core/engine/environment.ts';
import type { DeclaredUpstream } from '../core/http/account.ts';
import { accountVariables } from '../core/http/accounts.ts';
import type { Workload } from '../core/jobs/workload.ts';

/** The APIs that workloads call, each once. */
export function upstreamsOf(workloads: readonly Workload[]): DeclaredUpstream[] {
  const all = workloads.flatMap(({ upstreams = [] }) => upstreams);
  return [...new Map(all.map((upstream) => [upstream.name, upstream])).values()];
}

/** All environment variables of workloads and their accounts. */
export function variablesOf(workloads: readonly Workload[]): Variables {
  return Object.assign(
    {},
    ...workloads.map(({ settings }) => settings),
    accountVariables(upstreamsOf(workloads)),
  );
}
