import { randomUUID } from 'node:crypto';
import { errorTypes, FunctionError, maxRequestBytes } from './function-error.ts';
import type { Sandbox } from './sandbox.ts';

/** An invocation as it starts and ends, for logs and demonstrations. */
export interface InvocationNote {
  functionName: string;
  requestId: string;
  pid: number;
  /** Undefined as it starts. */
  ended?: {
    durationMs: number;
    /** Type of the error, if it failed. */
    errorType?: string;
  };
}

export interface PoolOptions {
  functionName: string;
  /** Sandboxes at a time, at most. */
  limit: number;
  start(): Sandbox;
  onInvocation(note: InvocationNote): void;
}

export interface InvokeOptions {
  /** Gives up waiting for a free sandbox. What already runs is not stopped by it. */
  signal?: AbortSignal;
}

/** A sandbox that nobody needs ends after this many milliseconds. Lambda's own time is not published; minutes. */
const idleLimit = 5 * 60_000;

interface Waiter {
  resolve(sandbox: Sandbox): void;
  reject(error: unknown): void;
}

/** The sandboxes of one function: kept warm, started on demand up to a limit. At the limit requests wait in order. */
export class Pool {
  readonly #options: PoolOptions;
  /** Every process that has not ended. Those in #idle and those starting are among them. */
  readonly #all = new Set<Sandbox>();
  /** The last one used comes first, so that the others can end. */
  readonly #idle: { sandbox: Sandbox; retire: NodeJS.Timeout }[] = [];
  readonly #waiters: Waiter[] = [];
  #starting = 0;
  #stopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Process ids of the live sandboxes. They take no notice of SIGINT and SIGTERM: only SIGKILL ends them from outside. */
  pids(): number[] {
    return [...this.#all].map(({ pid }) => pid);
  }

  /** Starts up to `count` sandboxes ahead of need. Rejects with {@link FunctionError} if their module cannot be loaded. */
  async prewarm(count: number): Promise<void> {
    const missing = this.#stopped ? 0 : Math.min(count, this.#options.limit) - this.#all.size;
    const starting = Array.from({ length: Math.max(0, missing) }, () => this.#grow());
    await Promise.all(starting).catch((error: unknown) => {
      if (!this.#stopped) throw error;
    });
  }

  /** Runs the function on an event. Returns its parsed result; rejects with {@link FunctionError}. */
  async invoke(event: unknown, { signal }: InvokeOptions = {}): Promise<unknown> {
    const { functionName, onInvocation } = this.#options;
    const payload = JSON.stringify(event) ?? 'null';
    if (Buffer.byteLength(payload) > maxRequestBytes) {
      const errorMessage = `Request must be smaller than ${maxRequestBytes} bytes for the InvokeFunction operation`;
      throw new FunctionError(functionName, { errorType: errorTypes.requestTooLarge, errorMessage });
    }
    const sandbox = await this.#acquire(signal);
    const note = { functionName, requestId: randomUUID(), pid: sandbox.pid };
    const startedAt = Date.now();
    const ended = (error?: unknown) => {
      const errorType = error instanceof FunctionError ? { errorType: error.body.errorType } : {};
      onInvocation({ ...note, ended: { durationMs: Date.now() - startedAt, ...errorType } });
    };
    onInvocation(note);
    try {
      const result = await sandbox.invoke(note.requestId, payload);
      ended();
      return JSON.parse(result);
    } catch (error) {
      ended(error);
      throw error;
    } finally {
      this.#release(sandbox);
    }
  }

  /** Ends every sandbox at once, whatever it is doing. Who waits for one is refused. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const errorMessage = 'The service is stopping';
    const refusal = new FunctionError(this.#options.functionName, {
      errorType: errorTypes.stopped,
      errorMessage,
    });
    for (const waiter of this.#waiters.splice(0)) waiter.reject(refusal);
    for (const { retire } of this.#idle.splice(0)) clearTimeout(retire);
    const gone = [...this.#all].map(({ exited }) => exited);
    for (const sandbox of this.#all) sandbox.kill();
    await Promise.all(gone);
  }

  #acquire(signal?: AbortSignal): Promise<Sandbox> {
    signal?.throwIfAborted();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.retire);
      if (idle.sandbox.usable) return Promise.resolve(idle.sandbox);
    }
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        resolve: (sandbox) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(sandbox);
        },
        reject,
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiters.push(waiter);
      this.#growForWaiters();
    });
  }

  /** Whichever sandbox is free first, new or used, goes to whoever has waited longest. */
  #release(sandbox: Sandbox): void {
    if (!sandbox.usable) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve(sandbox);
      return;
    }
    const retire = setTimeout(() => sandbox.kill(), idleLimit);
    retire.unref();
    this.#idle.push({ sandbox, retire });
  }

  #growForWaiters(): void {
    while (this.#starting < this.#waiters.length && this.#all.size < this.#options.limit && !this.#stopped) {
      this.#grow().catch((error: unknown) => this.#waiters.shift()?.reject(error));
    }
  }

  async #grow(): Promise<void> {
    const sandbox = this.#options.start();
    this.#all.add(sandbox);
    this.#starting += 1;
    sandbox.exited.then(() => this.#forget(sandbox));
    try {
      await sandbox.ready;
    } catch (error) {
      sandbox.kill();
      throw error;
    } finally {
      this.#starting -= 1;
    }
    this.#release(sandbox);
  }

  #forget(sandbox: Sandbox): void {
    this.#all.delete(sandbox);
    const index = this.#idle.findIndex((idle) => idle.sandbox === sandbox);
    if (index >= 0) clearTimeout(this.#idle.splice(index, 1)[0]?.retire);
    this.#growForWaiters();
  }
}
