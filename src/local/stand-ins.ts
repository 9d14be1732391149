import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { DeclaredUpstream } from '../core/http/account.ts';
import { apisWithoutKey } from '../core/http/accounts.ts';
import type { SandboxOptions } from '../stand-ins/sandbox.ts';
import { workloadsToLookAt } from '../workloads/describe.ts';
import { upstreamsOf } from '../workloads/variables.ts';

/** Stand-ins for the APIs whose keys the environment lacks, and for those that a job addresses by `sandbox://`. */
export interface StandIns {
  /** The environment that points workloads at them. */
  environment: Record<string, string>;
  /** One line for people that names the APIs whose stand-ins replace a missing key; undefined if there are none. */
  notice: string | undefined;
  stop(): Promise<void>;
}

export type StandInOptions = Pick<SandboxOptions, 'timeScale' | 'overrides' | 'seed'> & {
  /** Called with a line for people when a workload first calls a stand-in. */
  onUse?: (notice: string) => void;
};

/**
 * Opens an address for the stand-ins. They start with the first call, in their own process: most runs need
 * none, and hundreds of calls per second must not delay the gateway. Starts nothing if `SPILLWAY_SANDBOX_URL`
 * names a running sandbox.
 */
export async function openStandIns(env: NodeJS.ProcessEnv, options: StandInOptions): Promise<StandIns> {
  const upstreams = upstreamsOf(workloadsToLookAt());
  const apis = apisWithoutKey(upstreams, env);
  const notice = apis.size === 0 ? undefined : noticeOf(apis);
  if (env.SPILLWAY_SANDBOX_URL) return { environment: {}, notice, stop: async () => {} };
  const { onUse, ...behaviour } = options;
  const timeScale = options.timeScale ?? Number(env.SPILLWAY_SANDBOX_TIME_SCALE || 1);
  let starting: Promise<ChildProcess> | undefined;
  let told = false;
  const begin = () => {
    if (!told) onUse?.(notice ?? 'Stand-ins on this machine answer for sandbox:// addresses');
    told = true;
    const overrides = { ...plansOf(upstreams, env), ...behaviour.overrides };
    return startChild({ ...behaviour, overrides, timeScale }, () => {
      starting = undefined;
    });
  };
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    starting ??= begin();
    starting
      .then((child) => child.send('connection', socket, (error) => error && socket.destroy()))
      .catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: { SPILLWAY_SANDBOX_URL: url, SPILLWAY_SANDBOX_TIME_SCALE: String(timeScale) },
    notice,
    stop: async () => {
      server.close();
      (await starting?.catch(() => undefined))?.kill('SIGKILL');
    },
  };
}

function noticeOf(apis: ReadonlyMap<string, string>): string {
  const names = [...apis].map(([api, variables]) => `${api} (${variables})`).join(', ');
  return `Stand-ins on this machine answer for the APIs that have no key: ${names}`;
}

/** The accounts' limits from the environment: the stand-ins get the same. */
function plansOf(
  upstreams: readonly DeclaredUpstream[],
  env: NodeJS.ProcessEnv,
): SandboxOptions['overrides'] {
  const plans = upstreams.flatMap(({ name, standInLimits }) =>
    standInLimits ? [[name, { limits: standInLimits(env) }] as const] : [],
  );
  return Object.fromEntries(plans);
}

async function startChild(options: SandboxOptions, onExit: () => void): Promise<ChildProcess> {
  const module = new URL('../stand-ins/child.ts', import.meta.url);
  // Its own options, not this process's, which may be a test runner's.
  const child = fork(module, [JSON.stringify(options)], { execArgv: [] });
  child.once('exit', onExit);
  child.on('error', (error) => console.error('The stand-ins for other APIs failed:', error));
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('The stand-ins did not start'))),
  ]);
  return child;
}
