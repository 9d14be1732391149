import type { Clock } from '../engine/clock.ts';
import type { Exchange } from './send.ts';

/** A call that was answered well, kept so that it can be asked again. */
export interface Good {
  exchange: Exchange;
  takes: Readonly<Record<string, number>>;
}

/** A larger request is not kept. Characters or bytes. */
const largestKept = 2 ** 20;

/** What one worker has lately seen of an upstream: enough to tell a bad request from a bad time. */
export interface Evidence {
  /** Answers of any kind so far. */
  readonly answers: number;
  /** Calls under way. */
  readonly underWay: number;
  /** The last call that was answered well and may be made again, unless it was large. */
  readonly good: Good | undefined;
  /** Counts a call as under way until the returned function is called. */
  begun(): () => void;
  answered(good?: Good): void;
  /** Resolves at the next answer or end of a call, at `until` (epoch milliseconds), or when the signal aborts. */
  news(until: number, signal: AbortSignal): Promise<void>;
}

export function createEvidence(clock: Clock): Evidence {
  let answers = 0;
  let underWay = 0;
  let good: Good | undefined;
  let next = Promise.withResolvers<void>();
  const tell = () => {
    next.resolve();
    next = Promise.withResolvers();
  };
  return {
    get answers() {
      return answers;
    },
    get underWay() {
      return underWay;
    },
    get good() {
      return good;
    },
    begun() {
      underWay += 1;
      return () => {
        underWay -= 1;
        tell();
      };
    },
    answered(one) {
      answers += 1;
      if (one && (one.exchange.body?.length ?? 0) <= largestKept) good = one;
      tell();
    },
    async news(until, signal) {
      const stopped = Promise.withResolvers<void>();
      const stop = () => stopped.resolve();
      const cancel = clock.after(until - clock.now(), stop);
      signal.addEventListener('abort', stop, { once: true });
      await Promise.race([next.promise, stopped.promise]);
      signal.removeEventListener('abort', stop);
      cancel();
    },
  };
}
