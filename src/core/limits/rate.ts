import { randomUUID } from 'node:crypto';
import type { Clock } from '../engine/clock.ts';
import { Postponed, SpillwayError } from '../engine/errors.ts';
import { waitsFor } from '../engine/waiting.ts';
import { createBlocks } from './blocks.ts';
import { createForesight } from './foresight.ts';
import { limitErrors } from './limit-errors.ts';
import { promptStore } from './prompt-store.ts';
import { type RateDefinition, rateRule } from './rule.ts';
import type { LimitStore, RateRecord } from './store.ts';

/** The outside services of limits and breakers. */
export interface LimitDeps {
  store: LimitStore;
  clock: Clock;
  /** Called with the error when the store is unreachable. */
  onUnreachable(name: string, error: unknown): void;
  /** The maximum number of workers. Without the store, each keeps to its fair share of a rate. */
  workers: number;
}

export interface Turn {
  /** Units that the call takes, at least 1. Default: 1. */
  cost?: number;
  signal: AbortSignal;
  /** Epoch milliseconds. A later turn is useless. */
  stopAt: number;
}

/** One upstream's rate, as one worker sees it. All workers that name it share it through the store. */
export interface RateLimit {
  /**
   * Waits for the call's turn; send the call at once. Throws {@link Postponed} as soon as the turn is certain
   * to come after `stopAt`, the signal's reason when it aborts, and `COST_TOO_HIGH` for a cost that never
   * fits the burst.
   */
  turn(turn: Turn): Promise<void>;
  /** Records that the upstream wants no call before `until` (epoch milliseconds). Every worker keeps to it. */
  notBefore(until: number): Promise<void>;
  /**
   * Records that a call took `units` more than its turn covered; the next turns pay for it. A negative number
   * pays what is still owed.
   */
  correct(units: number): void;
}

interface Waiter {
  cost: number;
  stopAt: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** The most of the upstream's time that a block of calls covers, in milliseconds: a dead worker then loses little. */
const blockMs = 1_250;
/**
 * Knowledge older than this, in milliseconds, is read again before a reserved call: the upstream may have
 * moved the time.
 */
const knownForMs = 1_000;
/**
 * Nobody reserves further ahead than this plus a burst, and an upstream's pause counts no further. Anything
 * beyond is damaged.
 */
export const furthestMs = 3_600_000;
/** Questions to the store go out this many milliseconds before a call's turn, or earlier if the store is slow. */
const leastLeadMs = 250;
/** Knowledge no older than this, in milliseconds, is enough to decide that a turn comes too late. */
const justNowMs = 100;
/**
 * When several calls are refused at once, the upstream's pauses differ by less than this, in milliseconds.
 * They count as one.
 */
const sameWordMs = 250;
/** The time between two attempts to reach the store, in milliseconds. */
const outOfReachMs = 1_000;
/** After losing to others this many times, a reservation waits for the next round. */
const tries = 4;

/**
 * The generic cell rate algorithm (GCRA; ITU-T I.371) on a time that all workers share. The store holds the
 * point up to which the upstream's time is reserved, and one conditional `ADD` reserves the next block.
 * Blocks are as large as the demand: the waiting calls, plus as many as have lately arrived in time. Reserved
 * time that is not used in time is lost, never used late.
 *
 * Throws `RATE_INVALID` for a definition out of range.
 */
export function createRateLimit(name: string, definition: RateDefinition, deps: LimitDeps): RateLimit {
  const rule = rateRule(name, definition);
  const { clock } = deps;
  const store = promptStore(deps.store, clock);
  const blocks = createBlocks(rule);
  const ahead = createForesight(rule);
  const waiting: Waiter[] = [];
  let known: RateRecord | undefined;
  let knownAt = Number.NEGATIVE_INFINITY;
  /** From this time on the store is consulted; infinite while it is unreachable. */
  let sharedFrom = Number.NEGATIVE_INFINITY;
  let tryAt = Number.NEGATIVE_INFINITY;
  /** The point up to which this worker has used its own share while the store is unreachable. */
  let ownUntil = Number.NEGATIVE_INFINITY;
  /** The smoothed round-trip time to the store, in milliseconds. */
  let storeMs = 0;
  let debt = 0;
  const furthest = furthestMs + rule.burst * rule.msPerUnit;
  /** The resumption time that the upstream last gave. */
  let movedTo = Number.NEGATIVE_INFINITY;
  let talking = false;
  let cancelWake = () => {};

  const adopt = (record: RateRecord | undefined): void => {
    knownAt = clock.now();
    known = record;
    if (record) blocks.keepOnly(record);
    else blocks.clear();
  };

  /** Runs one exchange with the store at a time, then looks at the waiting calls again, however it ended. */
  const talk = (conversation: () => Promise<void>): void => {
    talking = true;
    const startedAt = clock.now();
    conversation()
      .then(() => {
        storeMs += (clock.now() - startedAt - storeMs) / 4;
        // The other workers return to the store within the same time. Until then they still use their own
        // shares.
        if (sharedFrom === Number.POSITIVE_INFINITY) sharedFrom = clock.now() + outOfReachMs;
      }, lose)
      .finally(() => {
        talking = false;
        pump();
      });
  };

  const lose = (error: unknown): void => {
    const now = clock.now();
    // Time that others have reserved is theirs; own shares begin after it.
    if (sharedFrom !== Number.POSITIVE_INFINITY) ownUntil = Math.max(ownUntil, known?.until ?? now);
    sharedFrom = Number.POSITIVE_INFINITY;
    tryAt = now + outOfReachMs;
    deps.onUnreachable(name, error);
  };

  const read = async () => adopt(await store.rate(name));

  const reserve = async (): Promise<void> => {
    const stale = clock.now() - knownAt > knownForMs;
    // What this worker saw last is usually enough to know which of the two writes will succeed.
    if (known === undefined || (stale && known.until < clock.now())) {
      const askedAt = clock.now();
      await read();
      // Without any other measure, a worker's first block would begin too early.
      storeMs = Math.max(storeMs, clock.now() - askedAt);
    }
    for (let tried = 0; tried < tries; tried += 1) {
      const now = clock.now();
      // A block that begins before the store answers would be late from the start.
      const from = now + Math.max(0, 2 * storeMs - rule.lateMs);
      const paid = debt;
      const ms = (blockSize() + paid) * rule.msPerUnit;
      const latest = Math.max(
        ...waiting.map(({ cost, stopAt }) => stopAt + (rule.burst - cost) * rule.msPerUnit),
      );
      if (waiting.length === 0) return;
      let got: RateRecord | undefined;
      if (known === undefined || known.until < from) {
        got = await store.restart(name, from, from + ms, randomUUID());
      } else if (!(known.until <= now + furthest)) {
        got = await store.repair(name, now + furthest, from + ms, randomUUID());
      } else if (known.until > latest) {
        if (now - knownAt < justNowMs) return postponeThoseBehind(known.until);
      } else {
        got = await store.extend(name, ms, from, Math.min(latest, now + furthest));
      }
      if (got) {
        adopt(got);
        const { until, stamp } = got;
        ahead.learn(blocks.takeLost(), until - ms + (1 - rule.burst) * rule.msPerUnit > from);
        blocks.add({ from: until - ms + paid * rule.msPerUnit, until, since: from, stamp });
        debt -= paid;
        return;
      }
      await read();
    }
  };

  /**
   * Units to reserve: those of the waiting calls and of calls likely to arrive in time, up to the largest
   * allowed block.
   */
  const blockSize = (): number => {
    const least = waiting[0]?.cost ?? 1;
    const wanted = waiting.reduce((sum, { cost }) => sum + cost, 0) - blocks.left();
    const most = Math.max(least, Math.floor(blockMs / rule.msPerUnit));
    const units = Math.max(least, wanted + ahead.units());
    // The rest of a block after its last whole call is lost.
    return units <= most ? units : most - (most % least);
  };

  /** Postpones every waiting call that neither the blocks in hand nor those after `until` serve in time. */
  const postponeThoseBehind = (until: number): void => {
    let left = blocks.left();
    for (const waiter of [...waiting]) {
      left -= waiter.cost;
      const turn = until + (waiter.cost - rule.burst) * rule.msPerUnit;
      if (left < 0 && turn > waiter.stopAt) postpone(waiter, turn);
    }
  };

  const postpone = (waiter: Waiter, turn: number): void => {
    waiting.splice(waiting.indexOf(waiter), 1);
    const message = `The turn at ${name} comes ${Math.ceil(turn - waiter.stopAt)} ms after the end of the budget`;
    waiter.reject(new Postponed(limitErrors.TURN_TOO_LATE, message, name, turn));
  };

  /** Takes a call's worth of this worker's own share when the other workers' use is unknown. */
  const lend = (cost: number): void => {
    const now = clock.now();
    const turn = Math.max(now, ownUntil);
    ownUntil = turn + cost * rule.msPerUnit * deps.workers;
    const until = turn + rule.burst * rule.msPerUnit;
    blocks.add({ from: until - cost * rule.msPerUnit, until, since: turn, stamp: undefined });
  };

  const pump = (): void => {
    cancelWake();
    while (waiting.length > 0) {
      const [head] = waiting;
      if (!head) return;
      const now = clock.now();
      const turn = blocks.turnOf(head.cost, now);
      const reachable = now >= sharedFrom;
      if (sharedFrom === Number.POSITIVE_INFINITY && !talking && now >= tryAt) talk(read);
      if (turn === undefined) {
        if (reachable) {
          if (!talking) talk(reserve);
          return;
        }
        lend(head.cost);
        continue;
      }
      if (turn > head.stopAt) {
        postpone(head, turn);
        continue;
      }
      const lead = Math.max(leastLeadMs, 2 * storeMs);
      if (now + lead >= turn && now - knownAt > knownForMs && reachable) {
        if (!talking) talk(read);
        return;
      }
      if (turn > now) {
        const refreshIn = now - knownAt > knownForMs - (turn - now) ? turn - now - lead : turn - now;
        cancelWake = clock.after(Math.max(1, refreshIn), pump);
        return;
      }
      blocks.use(head.cost);
      waiting.shift();
      head.resolve();
      // Ask for the next block before this one is used up, or the upstream's time would go unused in the
      // meantime. If others have reserved it anyway, a second block in hand would only be more to lose.
      const wanted = waiting.reduce((sum, { cost }) => sum + cost, 0);
      const runsOut = wanted > blocks.left() && blocks.endsIn(now) <= lead;
      const free = (known?.until ?? now) + (1 - rule.burst) * rule.msPerUnit <= now + 2 * lead;
      if (reachable && !talking && runsOut && free) talk(reserve);
    }
  };

  return {
    turn({ cost = 1, signal, stopAt }) {
      return new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (!(cost <= rule.burst)) {
          const message = `A call of ${cost} units never fits ${name}, which allows ${rule.burst} at once`;
          return reject(new SpillwayError(limitErrors.COST_TOO_HIGH, message));
        }
        const onAbort = () => {
          const at = waiting.indexOf(waiter);
          if (at >= 0) waiting.splice(at, 1);
          ended();
          reject(signal.reason);
        };
        let ended = () => {};
        const settled =
          <A extends unknown[]>(settle: (...args: A) => void) =>
          (...args: A) => {
            signal.removeEventListener('abort', onAbort);
            ended();
            settle(...args);
          };
        const waiter: Waiter = { cost, stopAt, resolve: settled(resolve), reject: settled(reject) };
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.push(waiter);
        if (waiting.length === 1) pump();
        if (waiting.includes(waiter)) ended = waitsFor({ kind: 'rate', name, since: clock.now() });
      });
    },

    async notBefore(asked) {
      // No part of the burst may go out before that time either.
      const until = Math.min(asked, clock.now() + furthestMs) + (rule.burst - 1) * rule.msPerUnit;
      if (until <= movedTo + sameWordMs) return;
      movedTo = until;
      blocks.clear();
      ownUntil = Math.max(ownUntil, until);
      try {
        const moved = await store.move(name, until, known?.stamp ?? '', randomUUID());
        adopt(moved ?? (await store.rate(name)));
      } catch (error) {
        lose(error);
      }
      pump();
    },

    correct(units) {
      debt = Math.max(0, debt + units);
    },
  };
}
