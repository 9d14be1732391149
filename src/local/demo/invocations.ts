import type { InvocationNote } from '../pool.ts';

/** One run of a function. Times in milliseconds, as `performance.now()` tells them. */
export interface Invocation {
  functionName: string;
  /** Process that it ran in. */
  pid: number;
  startedAt: number;
  /** Undefined while it runs. */
  endedAt?: number;
}

/** Remembers what ran when, in the order of the starts. */
export class InvocationLog {
  readonly #invocations = new Map<string, Invocation>();

  readonly note = ({ requestId, functionName, pid, ended }: InvocationNote): void => {
    const now = performance.now();
    const known = this.#invocations.get(requestId);
    if (known && ended) known.endedAt = now;
    else this.#invocations.set(requestId, { functionName, pid, startedAt: now });
  };

  /** Those of the given functions that ran at any moment since `from`. */
  since(from: number, functionNames: readonly string[]): Invocation[] {
    return [...this.#invocations.values()].filter(
      ({ functionName, endedAt = from }) => functionNames.includes(functionName) && endedAt >= from,
    );
  }
}
