import type { Clock } from '../engine/clock.ts';
import type { Breaker, Pass } from '../limits/breaker.ts';
import type { Evidence, Good } from './evidence.ts';
import type { Call } from './request.ts';
import { pauseFor, pausesOf, tooLate } from './retry-pause.ts';
import type { Exchange } from './send.ts';
import type { Verdict } from './verdict.ts';

export interface FaultDeps {
  /** The upstream's name. */
  name: string;
  clock: Clock;
  breaker: Breaker;
  evidence: Evidence;
  /** Makes one exchange within a call's limits; undefined if the upstream went down meanwhile. */
  send(call: Call, exchange: Exchange, pass: Pass): Promise<{ verdict: Verdict } | undefined>;
}

/** Tells a request that the upstream cannot answer from an upstream that is down. */
export interface FaultFinder {
  /** Asks again what was last answered well, in the place of a call that fails. Reports to the breaker. */
  askAgain(good: Good, call: Call, pass: Pass): Promise<boolean>;
  /** The same, once for all calls that want to know at the same time. */
  isUp(good: Good, call: Call): Promise<boolean>;
  /**
   * Whether a call that has failed as often as it may is itself at fault: the upstream has answered another since
   * `answers` were counted. While others are under way, it waits for them. If none is, it asks again what was last
   * answered well. An upstream that fails that too, or has never answered, is down.
   */
  isAtFault(call: Call, answers: number): Promise<boolean>;
}

export function createFaultFinder({ name, clock, breaker, evidence, send }: FaultDeps): FaultFinder {
  let asking: Promise<boolean> | undefined;

  const askAgain = async ({ exchange, takes }: Good, call: Call, pass: Pass): Promise<boolean> => {
    const ended = evidence.begun();
    const made = await send({ ...call, takes }, exchange, pass).finally(ended);
    if (!made) return false;
    const { verdict } = made;
    // Even a refusal: its key may be one of yesterday.
    const answered = verdict.kind !== 'failed' || !verdict.down;
    if (answered) {
      await breaker.succeeded(pass);
      evidence.answered();
    } else await breaker.failed(pass);
    return answered;
  };

  const isUp = (good: Good, call: Call): Promise<boolean> => {
    asking ??= askAgain(good, call, 'call').finally(() => {
      asking = undefined;
    });
    return asking;
  };

  return {
    askAgain,
    isUp,
    async isAtFault(call, answers) {
      let delay = pausesOf();
      for (;;) {
        call.signal.throwIfAborted();
        if (evidence.answers > answers) return true;
        if (!breaker.holds('call')) return false;
        const { good } = evidence;
        if (evidence.underWay > 0) {
          if (clock.now() >= call.stopAt) throw tooLate(name, clock.now());
          await evidence.news(call.stopAt, call.signal);
        } else if (good) {
          if (await isUp(good, call)) continue;
          await pauseFor(clock, name, delay.duration, call);
          delay = delay.next(undefined);
        } else if (evidence.answers > 0) return true;
        else {
          await breaker.open();
          return false;
        }
      }
    },
  };
}
