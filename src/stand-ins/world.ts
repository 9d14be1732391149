import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { type ApiName, apiNames, apis } from './apis/index.ts';
import { createMachine, type Machine } from './machine.ts';
import { type CallLog, createCallLog } from './physics/call-log.ts';
import { type CallStats, createCallStats } from './physics/call-stats.ts';
import { createTime, type RealTime, type SandboxTime } from './physics/time.ts';
import { applyChange, type SettingsChange } from './settings.ts';

export interface WorldOptions {
  timeScale: number;
  seed: number;
  overrides: Readonly<Partial<Record<ApiName, SettingsChange>>>;
  /** Calls that are kept. */
  logLimit: number;
  time?: RealTime;
}

/** All APIs between one reset and the next. */
export interface ApiWorld {
  app: Hono<{ Bindings: HttpBindings }>;
  machines: Readonly<Record<ApiName, Machine>>;
  time: SandboxTime;
  log: CallLog;
  stats: CallStats;
}

/** Throws ZodError for overrides that do not fit, and RangeError for the time scale. */
export function createApiWorld({ timeScale, seed, overrides, logLimit, ...options }: WorldOptions): ApiWorld {
  const time = createTime(timeScale, options.time);
  const stats = createCallStats();
  const log = createCallLog(logLimit, stats.note);
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError((error, { env }) => {
    // A caller who breaks off in the middle of his request is nobody's fault here.
    if (env.incoming.errored === null) console.error(error);
    return new Response(null, { status: 500 });
  });
  const create = (name: ApiName) => {
    const definition = apis[name];
    const settings = applyChange(definition.defaults, overrides[name] ?? {}, definition.defaults);
    const machine = createMachine({ name, definition, settings, time, log, seed });
    app.route(`/${name}`, machine.app);
    return machine;
  };
  const machines = Object.fromEntries(apiNames.map((name) => [name, create(name)]));
  return { app, machines: machines as Record<ApiName, Machine>, time, log, stats };
}
