import type { InvocationNote } from '../pool.ts';

/** One run of a function. Times in milliseconds, from `performance.now()`. */
export interface Invocation {
  functionName: string;
  /** The process that it ran in. */
  pid: number;
  startedAt: number;
  /** Undefined while it runs. */
  endedAt?: number;
}

/** Records what ran when, in starting order. */
export class InvocationLog {
  readonly #invocations = new Map<string, Invocation>();

  readonly note = ({ requestId, functionName, pid, ended }: InvocationNote): void => {
    const now = performance.now();
    const known = this.#invocations.get(requestId);
    if (known && ended) known.endedAt = now;
    else this.#invocations.set(requestId, { functionName, pid, startedAt: now });
  };

  /** The given functions' invocations that ran at any time since `from`. */
  since(from: number, functionNames: readonly string[]): Invocation[] {
    return [...this.#invocations.values()].filter(
      ({ functionName, endedAt = from }) => functionNames.includes(functionName) && endedAt >= from,
    );
  }
}
