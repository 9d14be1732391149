import { randomUUID } from 'node:crypto';
import { errorTypes, FunctionError, maxRequestBytes } from './function-error.ts';
import type { Instance } from './instance.ts';
import type { ResponseSink } from './streamed-response.ts';

/** The start or end of an invocation, for logs and demonstrations. */
export interface InvocationNote {
  functionName: string;
  requestId: string;
  pid: number;
  /** Undefined at the start. */
  ended?: {
    durationMs: number;
    /** Type of the error, if it failed. */
    errorType?: string;
  };
}

export interface PoolOptions {
  functionName: string;
  /** Maximum concurrent instances. */
  limit: number;
  start(): Instance;
  onInvocation(note: InvocationNote): void;
}

export interface InvokeOptions {
  /** Stops waiting for a free instance. Does not stop a running invocation. */
  signal?: AbortSignal;
  /** Receives a streamed response. Default: nowhere. */
  sink?: ResponseSink;
}

/** An unused instance ends after this many milliseconds. Lambda's own time is not published, but is minutes. */
const idleLimit = 5 * 60_000;

interface Waiter {
  resolve(instance: Instance): void;
  reject(error: unknown): void;
}

/**
 * The instances of one function: kept warm, and started on demand up to a limit. At the limit, requests wait
 * in order.
 */
export class Pool {
  readonly #options: PoolOptions;
  /** Every process that has not ended, including those in #idle and those that are starting. */
  readonly #all = new Set<Instance>();
  /** The last one used comes first, so that the others can end. */
  readonly #idle: { instance: Instance; retire: NodeJS.Timeout }[] = [];
  readonly #waiters: Waiter[] = [];
  #starting = 0;
  #stopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Process ids of the live instances. They ignore SIGINT and SIGTERM: from outside, only SIGKILL ends them. */
  pids(): number[] {
    return [...this.#all].map(({ pid }) => pid);
  }

  /** Starts up to `count` instances ahead of need. Rejects with {@link FunctionError} if their module cannot be loaded. */
  async prewarm(count: number): Promise<void> {
    const missing = this.#stopped ? 0 : Math.min(count, this.#options.limit) - this.#all.size;
    const starting = Array.from({ length: Math.max(0, missing) }, () => this.#grow());
    await Promise.all(starting).catch((error: unknown) => {
      if (!this.#stopped) throw error;
    });
  }

  /** Runs the function on an event. Returns its parsed result; rejects with {@link FunctionError}. */
  async invoke(event: unknown, { signal, sink }: InvokeOptions = {}): Promise<unknown> {
    const { functionName, onInvocation } = this.#options;
    const payload = JSON.stringify(event) ?? 'null';
    if (Buffer.byteLength(payload) > maxRequestBytes) {
      const errorMessage = `Request must be smaller than ${maxRequestBytes} bytes for the InvokeFunction operation`;
      throw new FunctionError(functionName, { errorType: errorTypes.requestTooLarge, errorMessage });
    }
    const instance = await this.#acquire(signal);
    const note = { functionName, requestId: randomUUID(), pid: instance.pid };
    const startedAt = Date.now();
    const ended = (error?: unknown) => {
      const errorType = error instanceof FunctionError ? { errorType: error.body.errorType } : {};
      onInvocation({ ...note, ended: { durationMs: Date.now() - startedAt, ...errorType } });
    };
    onInvocation(note);
    try {
      const result = await instance.invoke(note.requestId, payload, sink);
      ended();
      return JSON.parse(result);
    } catch (error) {
      ended(error);
      throw error;
    } finally {
      this.#release(instance);
    }
  }

  /** Ends every instance at once, even a busy one. Refuses the requests that wait for one. */
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
    for (const instance of this.#all) instance.kill();
    await Promise.all(gone);
  }

  #acquire(signal?: AbortSignal): Promise<Instance> {
    signal?.throwIfAborted();
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.retire);
      if (idle.instance.usable) return Promise.resolve(idle.instance);
    }
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        resolve: (instance) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(instance);
        },
        reject,
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiters.push(waiter);
      this.#growForWaiters();
    });
  }

  /** The first free instance, new or used, goes to the request that has waited longest. */
  #release(instance: Instance): void {
    if (!instance.usable) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve(instance);
      return;
    }
    const retire = setTimeout(() => instance.kill(), idleLimit);
    retire.unref();
    this.#idle.push({ instance, retire });
  }

  #growForWaiters(): void {
    while (this.#starting < this.#waiters.length && this.#all.size < this.#options.limit && !this.#stopped) {
      this.#grow().catch((error: unknown) => this.#waiters.shift()?.reject(error));
    }
  }

  async #grow(): Promise<void> {
    const instance = this.#options.start();
    this.#all.add(instance);
    this.#starting += 1;
    instance.exited.then(() => this.#forget(instance));
    try {
      await instance.ready;
    } catch (error) {
      instance.kill();
      throw error;
    } finally {
      this.#starting -= 1;
    }
    this.#release(instance);
  }

  #forget(instance: Instance): void {
    this.#all.delete(instance);
    const index = this.#idle.findIndex((idle) => idle.instance === instance);
    if (index >= 0) clearTimeout(this.#idle.splice(index, 1)[0]?.retire);
    this.#growForWaiters();
  }
}
