/** Bytes that may be in memory at a time. A request for more than is left waits, first come, first served. */
export interface ByteBudget {
  /** Resolves when there is room; the returned function gives the bytes back. Rejects with the signal's reason. */
  take(bytes: number, signal: AbortSignal): Promise<() => void>;
}

export function createByteBudget(total: number): ByteBudget {
  let left = total;
  const waiting: { bytes: number; start(): void }[] = [];

  const startNext = () => {
    for (let next = waiting[0]; next && next.bytes <= left; next = waiting[0]) {
      waiting.shift();
      left -= next.bytes;
      next.start();
    }
  };

  return {
    async take(wanted, signal) {
      signal.throwIfAborted();
      // A request above the total gets the whole budget to itself.
      const bytes = Math.min(wanted, total);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const turn = { bytes, start: resolve };
      const leave = () => {
        const at = waiting.indexOf(turn);
        if (at < 0) return;
        waiting.splice(at, 1);
        reject(signal.reason);
        startNext();
      };
      waiting.push(turn);
      signal.addEventListener('abort', leave, { once: true });
      startNext();
      await promise.finally(() => signal.removeEventListener('abort', leave));
      return () => {
        left += bytes;
        startNext();
      };
    },
  };
}
