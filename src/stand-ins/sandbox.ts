import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { type ApiName, apiNames } from './apis/index.ts';
import { createControl } from './control.ts';
import type { Controls } from './controls.ts';
import { type ConfigureOrder, configureOrderSchema, type OutageOrder, outageOrderSchema } from './orders.ts';
import type { CallRecord } from './physics/call-log.ts';
import type { OperationStats } from './physics/call-stats.ts';
import type { SettingsChange } from './settings.ts';
import { createApiWorld } from './world.ts';

export type { ApiName, CallRecord, ConfigureOrder, OperationStats, OutageOrder, SettingsChange };

export interface SandboxOptions {
  /** Default: 0, which lets the operating system choose. */
  port?: number;
  /** Default: this machine only. */
  host?: string;
  /** 0.1 is ten times as fast: delays are a tenth, rates are tenfold. Default: 1. From 0.001 to 1000. */
  timeScale?: number;
  /** What chance depends on. Default: 1. */
  seed?: number;
  /** Changes of the APIs' defaults, in force from the start and after every reset. */
  overrides?: Readonly<Partial<Record<ApiName, SettingsChange>>>;
  /** Calls that the log keeps. Default: 100,000. */
  logLimit?: number;
}

/** A server that behaves like other people's APIs. */
export interface Sandbox extends Controls {
  /** Serves a connection that another process has accepted, and paused. */
  accept(socket: Socket): void;
  /** Ends the server and cuts off whoever is still waiting. */
  stop(): Promise<void>;
}

/** Milliseconds that an idle connection is kept, as load balancers do: clients must not be surprised by its end. */
const keepAliveMs = 65_000;

/** Connections that may wait to be accepted: a start of hundreds of clients at once is not refused. */
const backlog = 4096;

/** Rejects with the system's error for the port, ZodError for overrides, RangeError for the time scale. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {
    port = 0,
    host = '127.0.0.1',
    timeScale = 1,
    seed = 1,
    overrides = {},
    logLimit = 100_000,
  } = options;
  const create = () => createApiWorld({ timeScale, seed, overrides, logLimit });
  let world = create();
  // Calls of before a reset still run in their own time.
  const times = [world.time];

  const app = new Hono<{ Bindings: HttpBindings }>();
  const server = createAdaptorServer({
    fetch: (request, env) => app.fetch(request, env),
    serverOptions: { keepAliveTimeout: keepAliveMs },
  }) as Server;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${await listen(server, port, host)}`;

  const controls: Controls = {
    url,
    urls: Object.fromEntries(apiNames.map((name) => [name, `${url}/${name}`])) as Record<ApiName, string>,
    log: (filter) => world.log.read(filter),
    stats: () => world.stats.read(),
    outage: (order) => {
      const { api, mode = 'unavailable', ...when } = outageOrderSchema.parse(order);
      const machine = world.machines[api];
      if ('forMs' in when) machine.breakDown(mode, when.forMs);
      else if (when.on) machine.breakDown(mode, Number.POSITIVE_INFINITY);
      else machine.recover();
    },
    configure: (order) => {
      const { api, ...change } = configureOrderSchema.parse(order);
      world.machines[api].configure(change);
    },
    reset: () => {
      world = create();
      times.push(world.time);
    },
  };
  app.route('/__sandbox', createControl(controls));
  app.all('*', ({ req, env }) => world.app.fetch(req.raw, env));

  return {
    ...controls,
    accept: (socket) => {
      server.emit('connection', socket);
      socket.resume();
    },
    stop: async () => {
      for (const time of times) time.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
