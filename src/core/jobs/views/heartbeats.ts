import { type Clock, sleep } from '../../engine/clock.ts';

/** Yielded when nothing has happened for a while. */
export const heartbeat = Symbol('heartbeat');

/** Yields what `source` yields, and a heartbeat whenever the source has been silent for `everyMs`. */
export async function* withHeartbeats<T>(
  clock: Clock,
  everyMs: number,
  source: AsyncGenerator<T>,
): AsyncGenerator<T | typeof heartbeat> {
  try {
    for (let next = source.next(); ; ) {
      const spoken = new AbortController();
      const silence = sleep(clock, everyMs, spoken.signal).then((): typeof heartbeat => heartbeat);
      silence.catch(() => {});
      const first = await Promise.race([next, silence]);
      spoken.abort();
      if (first === heartbeat) yield heartbeat;
      else if (first.done) return;
      else {
        yield first.value;
        next = source.next();
      }
    }
  } finally {
    await source.return(undefined);
  }
}
