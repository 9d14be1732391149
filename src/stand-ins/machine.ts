import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { Api, ApiDefinition, CallSummary, Plan, Reply, Route, World } from './apis/api.ts';
import type { CallEnd, CallLog, OpenCall } from './physics/call-log.ts';
import { createCapacity, unlimitedCapacity } from './physics/capacity.ts';
import { createTries, randomOf } from './physics/chance.ts';
import { sample } from './physics/latency.ts';
import { createLimits } from './physics/limits.ts';
import { createOutages, type OutageMode } from './physics/outages.ts';
import { type Instant, milliseconds, type SandboxTime } from './physics/time.ts';
import { readRequest } from './read-request.ts';
import { applyChange, type Settings, type SettingsChange } from './settings.ts';

type ApiContext = Context<{ Bindings: HttpBindings }>;

export interface MachineOptions {
  name: string;
  definition: ApiDefinition;
  settings: Settings;
  time: SandboxTime;
  log: CallLog;
  seed: number;
}

/** One running API: what it knows, and the limits, capacity and luck that decide when and how it answers. */
export interface Machine {
  app: Hono<{ Bindings: HttpBindings }>;
  /** Throws ZodError. */
  configure(change: SettingsChange): void;
  /** `ms` of sandbox time from now; Infinity until `recover`. */
  breakDown(mode: OutageMode, ms: number): void;
  recover(): void;
}

export function createMachine({ name, definition, time, log, seed, ...options }: MachineOptions): Machine {
  let { settings } = options;
  const limits = createLimits(settings.limits, time.now);
  const outages = createOutages(settings.outages);
  const tryOf = createTries();
  let capacity = capacityOf(settings);
  const world: World = {
    time,
    limits,
    settings: () => settings,
    random: (...parts) => randomOf(seed, ...parts),
    poisoned: (key) => settings.errors.keys.includes(key),
    poisonIn: (text) => settings.errors.keys.filter((key) => text.includes(key)),
  };
  const api = definition.create(world);

  async function serve({ operation, decide }: Route, context: ApiContext): Promise<Response> {
    const request = await readRequest(context.req);
    // Nothing is awaited from here until the limits have decided: calls are judged in the order of their arrival.
    const at = time.now();
    const worker = request.header('x-worker');
    const call = log.open({
      at: time.realMs(at),
      epochMs: time.epochMs(),
      api: name,
      operation,
      ...(worker !== undefined && { worker }),
    });
    const mode = outages.at(milliseconds(at));
    if (mode !== undefined) return outage(mode, call, context);
    const { reply, end, ...rest } = await answer(decide(request), operation, at, call);
    const finished = api.finish?.(reply, { operation, ...rest }) ?? reply;
    call.end(now(), { ...end, status: finished.status });
    return respond(finished);
  }

  /** Takes the call through limits, capacity and chance, in the time that they take. */
  async function answer(
    decision: Plan | Reply,
    operation: string,
    at: Instant,
    call: OpenCall,
  ): Promise<Verdict> {
    if (!('answer' in decision)) return { reply: decision, end: endOf(decision) };
    const { keys, account = '', cost, latency = settings.latency } = decision;
    call.about(keys);
    const rejection = limits.take(at, account, cost);
    if (rejection !== undefined) {
      const end = { outcome: 'throttled', limit: rejection.limit } as const;
      return { reply: api.throttled(rejection), end, account, rejection };
    }
    call.admit();
    const key = `${operation} ${keys.join(' ')}`;
    const random = world.random(name, key, tryOf(key));
    const place = capacity.admit(milliseconds(at), sample(latency, random));
    if (place === undefined) {
      return { reply: api.overloaded?.() ?? api.failure(503), end: { outcome: 'overloaded' }, account };
    }
    const error = scheduledError(decision, random());
    await time.wait(place.endsAt - milliseconds(time.now()));
    if (error === undefined) {
      const reply = decision.answer();
      return { reply, end: endOf(reply), account };
    }
    if (settings.errors.afterEffect) decision.answer();
    return { reply: failure(error, account), end: { outcome: 'failed' }, account };
  }

  /** An error that is scheduled; a 429 looks as if a limit had been met. */
  function failure(status: number, account: string): Reply {
    if (status !== 429) return api.failure(status);
    return api.throttled({ limit: 'scheduled', account, cost: 1, waitMs: 1000 });
  }

  function scheduledError({ keys, errorPerKey }: Plan, luck: number): number | undefined {
    const { errors } = settings;
    if (errorPerKey !== true && keys.some(world.poisoned)) return errors.keyStatus;
    return luck < errors.share ? errors.status : undefined;
  }

  async function outage(mode: OutageMode, call: OpenCall, { env }: ApiContext): Promise<Response> {
    if (mode === 'unavailable') {
      const reply = api.failure(503);
      call.end(now(), { outcome: 'outage', status: reply.status });
      return respond(reply);
    }
    if (mode === 'reset') env.incoming.socket.resetAndDestroy();
    // One that hangs does so until the caller goes away, also when the outage is over before.
    else await new Promise((resolve) => env.outgoing.once('close', resolve));
    call.end(now(), { outcome: 'outage' });
    return RESPONSE_ALREADY_SENT;
  }

  const now = () => time.realMs(time.now());

  return {
    app: route(api, serve),
    configure: (change) => {
      settings = applyChange(settings, change, definition.defaults);
      if (change.limits !== undefined) {
        const names = Object.keys(change.limits);
        limits.change(Object.fromEntries(names.map((name) => [name, settings.limits[name] ?? null])));
      }
      if (change.capacity !== undefined) capacity = capacityOf(settings);
      if (change.outages !== undefined) outages.schedule(settings.outages);
    },
    breakDown: (mode, ms) => outages.begin(mode, milliseconds(time.now()) + ms),
    recover: () => outages.end(),
  };
}

interface Verdict extends Omit<CallSummary, 'operation'> {
  reply: Reply;
  end: CallEnd;
}

function route(
  api: Api,
  serve: (route: Route, context: ApiContext) => Promise<Response>,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const one of api.routes) app.on(one.method, one.path, (context) => serve(one, context));
  const decide = () => api.failure(404);
  app.all('*', (context) => serve({ method: 'GET', path: '*', operation: 'unknown', decide }, context));
  return app;
}

function capacityOf({ capacity }: Settings) {
  return capacity === null ? unlimitedCapacity : createCapacity(capacity);
}

function endOf({ status }: Reply): CallEnd {
  if (status >= 500) return { outcome: 'failed' };
  return { outcome: status >= 400 ? 'refused' : 'answered' };
}

function respond({ status, headers, body }: Reply): Response {
  return new Response(body, { status, headers });
}
