import type { Service, ServiceOptions } from '../service.ts';

const notice = 'Stand-ins on this machine answer for the APIs of others; a demo uses no account of yours';

/** A service for a demo: it has stand-ins for all APIs, so that nothing is ever paid for. `say` tells so when the first is called. */
export async function startDemoService(
  options: Omit<ServiceOptions, 'port'>,
  say: (line: string) => void,
): Promise<Service> {
  // Not before it is needed: the help must come at once.
  const [{ startService }, { accountVariables }, { workloadsToLookAt }, { upstreamsOf }] = await Promise.all([
    import('../service.ts'),
    import('../../core/http/accounts.ts'),
    import('../../workloads/describe.ts'),
    import('../../workloads/variables.ts'),
  ]);
  // Whatever accounts the environment has, and their limits: empty counts as missing.
  const names = Object.keys(accountVariables(upstreamsOf(workloadsToLookAt())));
  const noAccounts = Object.fromEntries(names.map((name) => [name, '']));
  return startService({
    ...options,
    port: 0,
    env: { ...options.env, ...noAccounts },
    standIns: { ...options.standIns, onUse: () => say(notice) },
  });
}
