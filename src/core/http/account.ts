import * as z from 'zod';
import { type Environment, readVariables, type Variables } from '../engine/environment.ts';
import type { RateDefinition } from '../limits/rule.ts';

/** An account with an API, as its client takes it: spread it into the client's options. */
export interface Account<Key, Rate extends string = never> {
  key: Key;
  /** Missing: the real API's. */
  baseUrl?: string;
  /** What the account's plan allows, where it is not the least that is documented. */
  rates?: Partial<Record<Rate, RateDefinition>>;
  tuning?: { pace: number };
}

/** Where an API's stand-in is. */
export interface StandIn {
  /** To be spread into the account. */
  place: { baseUrl: string; tuning: { pace: number } };
  /** Where the stand-in of another API is. */
  urlOf(api: string): string;
}

/** What a stand-in allows, by the names of its limits: those that are left out stay as they are, null lifts one. */
export type StandInLimits = Readonly<
  Record<string, { rate: number; burst: number; per?: 'second' | 'minute' } | null>
>;

/** An API that a workload calls. `{name: 'geocoder'}` is enough for one that asks for no key. */
export interface DeclaredUpstream {
  /** Lower-case letters, digits and `-`: in forecasts, and where its stand-in is. */
  readonly name: string;
  /** The variables that hold the parts of its key. */
  readonly keys?: readonly string[];
  /** All variables of the account, those of the key among them. */
  readonly variables?: Variables;
  /** What its stand-in is to allow, by what the environment says of the account; missing where it has no stand-in. */
  standInLimits?(env: Environment): StandInLimits;
}

/** An API that asks for a key, and how its account is opened. */
export interface UpstreamAccount<Opened> extends DeclaredUpstream {
  readonly keys: readonly string[];
  readonly variables: Variables;
  /** @param keys texts by variable: of the real account, or some that any stand-in takes */
  open(keys: Readonly<Record<string, string>>, env: Environment, standIn: StandIn | undefined): Opened;
}

/** What {@link defineUpstream} takes. */
export interface UpstreamAccountDefinition<Key extends string, Shape extends Variables, Opened> {
  name: string;
  /** The variables that hold the parts of its key: the account is missing without any, and wrong without one of them. */
  keys: readonly Key[];
  /** Further variables, such as what the account's plan allows. Each must bear to be missing, or empty. */
  settings: Shape;
  /** The account, as the API's client takes it. `standIn`: in place of the real API. */
  account(
    keys: Readonly<Record<Key, string>>,
    settings: z.output<z.ZodObject<Shape>>,
    standIn: StandIn | undefined,
  ): Opened;
  /** What its stand-in is to allow; missing where the project has no stand-in for it. */
  standInLimits?(settings: z.output<z.ZodObject<Shape>>): StandInLimits;
}

/** Declares an API that asks for a key: its variables, and how they make an account. */
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

/** A variable that holds a part of a key. Empty counts as missing: deployments pass every variable on. */
export const secret = z
  .string()
  .trim()
  .transform((text) => text || undefined)
  .optional();

/** A variable that says how much an account is allowed. Empty counts as missing. */
export const allowance = z
  .union([z.literal('').transform(() => undefined), z.coerce.number().positive()])
  .optional();

/** As much at once as in a second. */
export const secondly = (perSecond: number): RateDefinition => ({
  perSecond,
  burst: Math.max(1, perSecond),
});

/** A stand-in's limit, under the name that it has there; nothing where the account says nothing. */
export function standInLimit(
  name: string,
  rate: number | undefined,
  { burst = rate, per }: { burst?: number | undefined; per?: 'second' | 'minute' } = {},
): StandInLimits {
  if (rate === undefined || burst === undefined) return {};
  return { [name]: { ...(per && { per }), rate, burst: Math.max(1, Math.floor(burst)) } };
}
