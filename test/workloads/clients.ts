import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { systemClock } from '../../src/core/engine/clock.ts';
import type { UpstreamAccount } from '../../src/core/http/account.ts';
import type { Accounts } from '../../src/core/http/accounts.ts';
import type { UpstreamDeps } from '../../src/core/http/client.ts';
import { memoryLimitStore } from '../../src/memory/limit-store.ts';
import {
  type ApiName,
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../src/stand-ins/sandbox.ts';

export const never = new AbortController().signal;

/** A budget that ends after `ms` milliseconds. */
export const budget = (ms = 20_000, signal: AbortSignal = never) => ({ signal, stopAt: Date.now() + ms });

/** Accounts of which one is changed. */
export function withAccount<Opened extends object>(
  accounts: Accounts,
  changed: UpstreamAccount<Opened>,
  change: Partial<Opened>,
): Accounts {
  return {
    ...accounts,
    open: (upstream) => {
      const account = accounts.open(upstream);
      return upstream.name === changed.name ? { ...account, ...change } : account;
    },
  };
}

/** What clients count, by name. */
export function counting() {
  const counts = new Map<string, number>();
  return {
    counts,
    metrics: {
      count: (name: string, value: number) => void counts.set(name, (counts.get(name) ?? 0) + value),
      milliseconds: () => {},
    },
  };
}

/** What a client needs from outside; a store of its own unless one is given. */
export function depsOf(more: Partial<UpstreamDeps> = {}): UpstreamDeps {
  return {
    store: memoryLimitStore().store,
    clock: systemClock,
    workers: 2,
    onUnreachable: () => {},
    metrics: counting().metrics,
    ...more,
  };
}

/** The stand-ins of a test file, put back to their start before each test. */
export function useSandbox(options: SandboxOptions): () => Sandbox {
  let sandbox: Sandbox | undefined;
  const running = () => {
    if (sandbox === undefined) throw new Error('The sandbox is not running yet');
    return sandbox;
  };
  beforeAll(async () => {
    sandbox = await startSandbox(options);
  });
  beforeEach(() => running().reset());
  afterAll(() => sandbox?.stop());
  return running;
}

/** Calls of an operation that came in, and those that a limit turned away. */
export function seen(sandbox: Sandbox, api: ApiName, operation: string) {
  const found = sandbox.stats().find((stats) => stats.api === api && stats.operation === operation);
  return { calls: found?.calls ?? 0, rejected: found?.rejected ?? 0, peak: found?.peakInFlight ?? 0 };
}

/** A server with manners of its own, until the test ends. Resolves to its address. */
export function useServers() {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });
  return async (serve: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> => {
    const server = createServer(serve).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
}

/** Closes clients when their test has ended. */
export function useClosing() {
  const closing: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((client) => client.close()));
  });
  return <Client extends { close(): Promise<void> }>(client: Client): Client => {
    closing.push(client);
    return client;
  };
}
