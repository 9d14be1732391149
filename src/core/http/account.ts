import * as z from 'zod';
import { type Environment, readVariables, type Variables } from '../engine/environment.ts';
import type { RateDefinition } from '../limits/rule.ts';

/** An account with an API. Spread it into the options of the API's client. */
export interface Account<Key, Rate extends string = never> {
  key: Key;
  /** Default: the real API's. */
  baseUrl?: string;
  /** What the account's plan allows, where that differs from the lowest documented limits. */
  rates?: Partial<Record<Rate, RateDefinition>>;
  tuning?: { pace: number };
}

/** Where an API's stand-in is. */
export interface StandIn {
  /** Spread this into the account. */
  place: { baseUrl: string; tuning: { pace: number } };
  /** Where the stand-in of another API is. */
  urlOf(api: string): string;
}

/** Overrides of a stand-in's limits, by name. An omitted limit stays as it is; null lifts it. */
export type StandInLimits = Readonly<
  Record<string, { rate: number; burst: number; per?: 'second' | 'minute' } | null>
>;

/** An API that a workload calls. `{name: 'geocoder'}` is enough for an API without a key. */
export interface DeclaredUpstream {
  /** Lower-case letters, digits and `-`. Names the API in forecasts and in its stand-in's URL. */
  readonly name: string;
  /** The variables that hold the parts of its key. */
  readonly keys?: readonly string[];
  /** All variables of the account, including those of the key. */
  readonly variables?: Variables;
  /** The limits that its stand-in gets, derived from the account's variables; missing if it has no stand-in. */
  standInLimits?(env: Environment): StandInLimits;
}

/** An API that needs a key, and how to open its account. */
export interface UpstreamAccount<Opened> extends DeclaredUpstream {
  readonly keys: readonly string[];
  readonly variables: Variables;
  /** @param keys values by variable: the real account's, or placeholders that any stand-in accepts */
  open(keys: Readonly<Record<string, string>>, env: Environment, standIn: StandIn | undefined): Opened;
}

/** What {@link defineUpstream} takes. */
export interface UpstreamAccountDefinition<Key extends string, Shape extends Variables, Opened> {
  name: string;
  /**
   * The variables that hold the parts of its key. If all are missing there is no account; if only some are,
   * it is wrong.
   */
  keys: readonly Key[];
  /** Further variables, such as what the account's plan allows. Each must accept being missing or empty. */
  settings: Shape;
  /** The account in the form that the API's client takes. `standIn`: use it instead of the real API. */
  account(
    keys: Readonly<Record<Key, string>>,
    settings: z.output<z.ZodObject<Shape>>,
    standIn: StandIn | undefined,
  ): Opened;
  /** The limits that its stand-in gets; missing if the project has no stand-in for it. */
  standInLimits?(settings: z.output<z.ZodObject<Shape>>): StandInLimits;
}

/** Declares an API that needs a key: its variables, and how they make an account. */
export function defineUpstream<const Key extends string, Shape extends Variables, Opened>({
  name,
  keys,
  settings,
  account,
  standInLimits,
}: UpstreamAccountDefinition<Key, Shape, Opened>): UpstreamAccount<Opened> {
  return {
    name,
    keys,
    variables: { ...Object.fromEntries(keys.map((key) => [key, secret])), ...settings },
    open: (texts, env, standIn) =>
      account(texts as Readonly<Record<Key, string>>, readVariables(settings, env), standIn),
    ...(standInLimits && { standInLimits: (env) => standInLimits(readVariables(settings, env)) }),
  };
}

/** A variable that holds part of a key. Empty counts as missing, because deployments pass every variable on. */
export const secret = z
  .string()
  .trim()
  .transform((text) => text || undefined)
  .optional();

/** A variable that holds one of the account's limits. Empty counts as missing. */
export const allowance = z
  .union([z.literal('').transform(() => undefined), z.coerce.number().positive()])
  .optional();

/** A rate whose burst is one second's worth. */
export const secondly = (perSecond: number): RateDefinition => ({
  perSecond,
  burst: Math.max(1, perSecond),
});

/** A stand-in's limit, under the stand-in's name for it; nothing if the account does not set it. */
export function standInLimit(
  name: string,
  rate: number | undefined,
  { burst = rate, per }: { burst?: number | undefined; per?: 'second' | 'minute' } = {},
): StandInLimits {
  if (rate === undefined || burst === undefined) return {};
  return { [name]: { ...(per && { per }), rate, burst: Math.max(1, Math.floor(burst)) } };
}
