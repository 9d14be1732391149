import { accountVariables } from '../../workloads/accounts.ts';
import type { Service, ServiceOptions } from '../service.ts';

/** Whatever accounts the environment has, and their limits: empty counts as missing. */
const noAccounts = Object.fromEntries(Object.keys(accountVariables).map((name) => [name, '']));

const notice = 'Stand-ins on this machine answer for the APIs of others; a demo uses no account of yours';

/** A service for a demo: it has stand-ins for all APIs, so that nothing is ever paid for. `say` tells so when the first is called. */
export async function startDemoService(
  options: Omit<ServiceOptions, 'port'>,
  say: (line: string) => void,
): Promise<Service> {
  // Not before it is needed: the help must come at once.
  const { startService } = await import('../service.ts');
  return startService({
    ...options,
    port: 0,
    env: { ...options.env, ...noAccounts },
    standIns: { ...options.standIns, onUse: () => say(notice) },
  });
}
