import * as z from 'zod';
import { type Environment, readVariables, type Variables } from '../engine/environment.ts';
import { defineErrors, ItemError } from '../engine/errors.ts';
import { type DeclaredUpstream, type StandIn, secret, type UpstreamAccount } from './account.ts';

/** The accounts of the service. */
export interface Accounts {
  /**
   * Opens the environment's account with an API. An API without a key uses its stand-in in the sandbox as its
   * account. Without either, throws `CREDENTIALS_MISSING`, which names the variable and stops the job.
   */
  open<Opened>(upstream: UpstreamAccount<Opened>): Opened;
  /** Whether the sandbox answers for this API. Its answers must never be cached where real ones are looked up. */
  isStandIn(upstream: DeclaredUpstream): boolean;
  /** The sandbox's URL for an API that has nothing but a URL, such as `cards`; undefined without a sandbox. */
  standInUrl(api: string): string | undefined;
}

/** The environment's settings for stand-ins. */
export const sandboxVariables = {
  /** The sandbox's address. It stands in for the APIs that have no key. The service on one machine sets it. */
  SPILLWAY_SANDBOX_URL: z.union([z.literal('').transform(() => undefined), z.url()]).optional(),
  /** 0.1: the sandbox runs ten times as fast, and so do its clients. */
  SPILLWAY_SANDBOX_TIME_SCALE: z
    .union([z.literal('').transform(() => 1), z.coerce.number().min(0.001).max(1000)])
    .default(1),
};

export const accountErrors = defineErrors({
  CREDENTIALS_MISSING: {
    retryable: false,
    stopsJob: true,
    meaning: 'The service has no key for an upstream that the job needs.',
    whatToDo: 'Set the variables that the message names, then retry the job.',
  },
});

/** A stand-in accepts any key that does not begin with `invalid`. */
const standInKey = 'sandbox';

/** Throws `CONFIGURATION_INVALID`, which names what is wrong with the sandbox's variables. */
export function openAccounts(env: Environment): Accounts {
  const { SPILLWAY_SANDBOX_URL: sandbox, SPILLWAY_SANDBOX_TIME_SCALE: scale } = readVariables(
    sandboxVariables,
    env,
  );

  const standInOf = (upstream: DeclaredUpstream): StandIn | undefined => {
    if (sandbox === undefined || !upstream.standInLimits || !lacksKey(upstream, env)) return undefined;
    const urlOf = (api: string) => `${sandbox}/${api}`;
    return { place: { baseUrl: urlOf(upstream.name), tuning: { pace: 1 / scale } }, urlOf };
  };

  return {
    open(upstream) {
      const standIn = standInOf(upstream);
      const keys = upstream.keys.map((name) => [name, standIn ? standInKey : textOf(env[name])] as const);
      const missing = keys.flatMap(([name, text]) => (text === undefined ? [name] : []));
      if (missing.length > 0) {
        const message = `${upstream.name} cannot be called: ${missing.join(', ')} is not set`;
        throw new ItemError(accountErrors.CREDENTIALS_MISSING, message);
      }
      return upstream.open(Object.fromEntries(keys.map(([name, text = '']) => [name, text])), env, standIn);
    },
    isStandIn: (upstream) => standInOf(upstream) !== undefined,
    standInUrl: (api) => (sandbox === undefined ? undefined : `${sandbox}/${api}`),
  };
}

/** All variables of the accounts with these APIs, and of their stand-ins. */
export function accountVariables(upstreams: readonly DeclaredUpstream[]): Variables {
  return Object.assign({}, ...upstreams.map(({ variables }) => variables), sandboxVariables);
}

/** The APIs that the stand-in answers because no part of their key is set, with the variables that would hold it. */
export function apisWithoutKey(
  upstreams: readonly DeclaredUpstream[],
  env: Environment,
): ReadonlyMap<string, string> {
  const without = upstreams.filter((upstream) => upstream.standInLimits && lacksKey(upstream, env));
  return new Map(without.map(({ name, keys = [] }) => [name, keys.join(', ')]));
}

/** One part of a key shows that the real account is meant, so the missing parts are a mistake. */
function lacksKey({ keys = [] }: DeclaredUpstream, env: Environment): boolean {
  return keys.length > 0 && keys.every((name) => textOf(env[name]) === undefined);
}

const textOf = (text: string | undefined) => secret.parse(text);
