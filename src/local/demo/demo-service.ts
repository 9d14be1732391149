import type { Service, ServiceOptions } from '../service.ts';

const notice = 'Stand-ins on this machine answer for the APIs of others; a demo uses no account of yours';

/**
 * A service for a demo. It has stand-ins for all APIs, so that nothing ever costs money. `say` reports this
 * when a stand-in is first called.
 */
export async function startDemoService(
  options: Omit<ServiceOptions, 'port'>,
  say: (line: string) => void,
): Promise<Service> {
  // Loaded late, so that the help appears at once.
  const [{ startService }, { accountVariables }, { workloadsToLookAt }, { upstreamsOf }] = await Promise.all([
    import('../service.ts'),
    import('../../core/http/accounts.ts'),
    import('../../workloads/describe.ts'),
    import('../../workloads/variables.ts'),
  ]);
  // Hides the environment's accounts and their limits: empty counts as missing.
  const names = Object.keys(accountVariables(upstreamsOf(workloadsToLookAt())));
  const noAccounts = Object.fromEntries(names.map((name) => [name, '']));
  return startService({
    ...options,
    port: 0,
    env: { ...options.env, ...noAccounts },
    standIns: { ...options.standIns, onUse: () => say(notice) },
  });
}
