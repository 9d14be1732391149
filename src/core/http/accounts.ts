import * as z from 'zod';
import { type Environment, readVariables, type Variables } from '../engine/environment.ts';
import { defineErrors, ItemError } from '../engine/errors.ts';
import { type DeclaredUpstream, type StandIn, secret, type UpstreamAccount } from './account.ts';

/** The accounts of the service. */
export interface Accounts {
  /**
   * The account that the environment has with an API. An API without a key has its stand-in in the sandbox for an
   * account; where there is none either, throws `CREDENTIALS_MISSING`, which names the variable and stops the job.
   */
  open<Opened>(upstream: UpstreamAccount<Opened>): Opened;
  /** Whether an API's answers come from the sandbox: they must never be kept where real ones are looked for. */
  isStandIn(upstream: DeclaredUpstream): boolean;
  /** Where the sandbox serves an API that is known by its URL only, such as `cards`; undefined without a sandbox. */
  standInUrl(api: string): string | undefined;
}

/** What the environment says of stand-ins. */
export const sandboxVariables = {
  /** The sandbox's address: it stands in for the APIs that have no key. Set by the service on one machine. */
  SPILLWAY_SANDBOX_URL: z.union([z.literal('').transform(() => undefined), z.url()]).optional(),
  /** 0.1: the sandbox goes ten times as fast, and so do its clients. */
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

/** Any key will do for a stand-in that does not begin with `invalid`. */
const standInKey = 'sandbox';

/** Throws `CONFIGURATION_INVALID`, naming what is wrong with the sandbox's variables. */
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

/** All variables of accounts with these APIs, and of their stand-ins. */
export function accountVariables(upstreams: readonly DeclaredUpstream[]): Variables {
  return Object.assign({}, ...upstreams.map(({ variables }) => variables), sandboxVariables);
}

/** APIs whose stand-in answers, for want of any part of a key, with the variables that would hold it. */
export function apisWithoutKey(
  upstreams: readonly DeclaredUpstream[],
  env: Environment,
): ReadonlyMap<string, string> {
  const without = upstreams.filter((upstream) => upstream.standInLimits && lacksKey(upstream, env));
  return new Map(without.map(({ name, keys = [] }) => [name, keys.join(', ')]));
}

/** A part of a key that is there is meant: then the others are missing by mistake. */
function lacksKey({ keys = [] }: DeclaredUpstream, env: Environment): boolean {
  return keys.length > 0 && keys.every((name) => textOf(env[name]) === undefined);
}

const textOf = (text: string | undefined) => secret.parse(text);
