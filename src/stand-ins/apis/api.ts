import type { Random } from '../physics/chance.ts';
import type { Latency } from '../physics/latency.ts';
import type { Cost, Limits, Rejection } from '../physics/limits.ts';
import type { SandboxTime } from '../physics/time.ts';
import type { Settings } from '../settings.ts';

/** A request, arrived in full. */
export interface ApiRequest {
  header(name: string): string | undefined;
  /** A parameter of the query string. */
  query(name: string): string | undefined;
  /** A part of the path. */
  param(name: string): string;
  text(): string;
  /** The body as JSON; undefined if it is not. */
  json(): unknown;
  /** Fields and files of a form, of either encoding, by name; undefined if the body is none. */
  form: ReadonlyMap<string, FormField> | undefined;
}

export interface FormField {
  text: string;
  /** Of a file only. */
  filename?: string;
}

export interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array<ArrayBuffer>;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** What an API would do about a request, if its limits, its capacity and its luck allow. */
export interface Plan {
  /** What the call is about. */
  keys: readonly string[];
  /** Whose buckets it takes from. Default: everybody's. */
  account?: string;
  cost: Cost;
  /** Where it differs from the API's. */
  latency?: Latency;
  /** The answer has a part for each key, which tells a key's scheduled error by itself. */
  errorPerKey?: boolean;
  /** Makes the answer, when its time has come. Effects happen here. */
  answer(): Reply;
}

/** What a call has come to; for headers that every answer carries. */
export interface CallSummary {
  operation: string;
  /** Missing if the request was refused before it was known. */
  account?: string;
  rejection?: Rejection;
}

export interface Route {
  method: 'GET' | 'POST';
  /** As Hono understands it: `/items/:id`. */
  path: string;
  operation: string;
  /** A reply refuses the request at once. Must not wait for anything: calls are judged in the order of arrival. */
  decide(request: ApiRequest): Plan | Reply;
}

/** One API, as others see it. */
export interface Api {
  routes: readonly Route[];
  /** An error of its own making: `status` as scheduled, 404 for an unknown path, 503 in an outage. */
  failure(status: number): Reply;
  throttled(rejection: Rejection): Reply;
  /** Default: as in an outage. */
  overloaded?(): Reply;
  /** Has the last word on every answer but an outage's. */
  finish?(reply: Reply, call: CallSummary): Reply;
}

/** What an API is given by the world around it. */
export interface World {
  time: SandboxTime;
  limits: Limits;
  settings(): Settings;
  /** Chance that depends on the sandbox's seed and these parts only: the same in every API. */
  random(...parts: readonly (string | number)[]): Random;
  /** Whether calls about this key are scheduled to fail. */
  poisoned(key: string): boolean;
  /** The keys scheduled to fail that occur in a text, such as a query or a prompt. */
  poisonIn(text: string): string[];
}

export interface ApiDefinition {
  defaults: Settings;
  create(world: World): Api;
}
