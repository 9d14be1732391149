import { randomUUID } from 'node:crypto';
import { Postponed, SpillwayError } from '../engine/errors.ts';
import { limitErrors } from './limit-errors.ts';
import { promptStore } from './prompt-store.ts';
import type { LimitDeps } from './rate.ts';
import type { SeatHolder, SeatsRecord } from './store.ts';

/** So many calls may be under way at the same time, all workers together. */
export interface Seats {
  /**
   * Makes a call as soon as it has a seat. Throws {@link Postponed} with the code `SEATS_TAKEN` where another worker waits
   * already, or none comes free in a quarter of the time until `stopAt`; the signal's reason when it aborts.
   */
  run<T>(signal: AbortSignal, stopAt: number, call: () => Promise<T>): Promise<T>;
}

/** What a worker holds is free again so many milliseconds after its last sign of life. */
export const seatsLeaseMs = 10_000;
const renewMs = seatsLeaseMs / 3;
/** Between two looks of the one that waits for a seat, in milliseconds, on average. */
const lookMs = 120;
/** A seat that nobody here has used for so long is given back: the next call mostly comes at once. */
const idleMs = 20;
/** Slices that nobody needs now come again after this, and after a twentieth of how long the seats have been in use. */
const leastAwayMs = 15_000;
const awayShare = 1 / 20;
const mostAwayMs = 900_000;
/**
 * Nobody waits for the first seat for more than this share of the budget: what an item takes is learned with its waiting, and
 * one that seems to take a whole budget would not be started any more.
 */
const patienceShare = 1 / 4;

interface Waiter {
  since: number;
  stopAt: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * A ceiling that workers share: a record says how many seats each of them holds, and changes only as a whole. A worker
 * takes as many as it has calls for and gives back what it does not use; one more may wait beside it, so that seats pass on
 * call by call while a slice runs out. Everybody else is sent away, since waiting in place is paid for.
 *
 * While the store is out of reach nothing new begins. Only a worker that was frozen for longer than its lease can have
 * calls under way that no seat stands for. Throws `SEATS_INVALID`, naming the value.
 */
export function createSeats(name: string, total: number, deps: LimitDeps): Seats {
  if (!Number.isInteger(total) || total < 1) {
    throw new SpillwayError(
      limitErrors.SEATS_INVALID,
      `Seats of ${name} must be a whole number from 1, but were ${total}`,
    );
  }
  const { clock } = deps;
  const store = promptStore(deps.store, clock);
  const self = randomUUID();
  const waiting: Waiter[] = [];
  let held = 0;
  let heldUntil = Number.NEGATIVE_INFINITY;
  let inUse = 0;
  let talking = false;
  let again = false;
  let cancelWake = () => {};
  /** The budget of the invocation that was sent away. */
  let sentAway: { stopAt: number; error: Postponed } | undefined;

  const wake = (ms: number) => {
    cancelWake();
    cancelWake = clock.after(ms, talk);
  };

  const seat = () => {
    if (clock.now() >= heldUntil) return;
    while (inUse < held) {
      const next = waiting.shift();
      if (!next) return;
      inUse += 1;
      next.resolve();
    }
  };

  const sendAway = (stopAt: number, until: number) => {
    const error = new Postponed(
      limitErrors.SEATS_TAKEN,
      `Other workers hold all seats of ${name}`,
      name,
      until,
    );
    sentAway = { stopAt, error };
    for (const one of waiting.splice(0)) one.reject(error);
  };

  /** Reads how the seats are held, and takes or gives back. True when there was nothing to change, or it was changed. */
  const settle = async (): Promise<boolean> => {
    const record = await store.seats(name);
    const now = clock.now();
    const others = Object.entries(record?.holders ?? {}).filter(
      ([id, { until }]) => id !== self && until > now,
    );
    const free = total - others.reduce((sum, [, { seats }]) => sum + seats, 0);
    // What is under way is under way, whoever else has taken its seats meanwhile.
    const mine = Math.max(inUse, Math.min(inUse + waiting.length, free));
    const [first] = waiting;
    if (mine === 0 && first) {
      const needless = others.some(([, { seats }]) => seats === 0);
      const tooLong = now - first.since > patienceShare * (first.stopAt - first.since);
      const away = needless ? awayMs(now - (record?.since ?? now)) : 0;
      if (needless || tooLong) sendAway(first.stopAt, now + away);
    }
    const wanted = mine > 0 || waiting.length > 0;
    const before = record?.holders[self];
    if (wanted ? before?.seats === mine && before.until - now > seatsLeaseMs - renewMs : !before) {
      held = mine;
      return true;
    }
    const holders: Record<string, SeatHolder> = Object.fromEntries(others);
    if (wanted) holders[self] = { seats: mine, until: now + seatsLeaseMs };
    const inUseBefore = others.length > 0 || (before !== undefined && before.until > now);
    const since = record && inUseBefore ? record.since : now;
    const next: SeatsRecord = { holders, since, stamp: randomUUID() };
    // Fewer from now on, more only once it is written.
    held = Math.min(held, mine);
    if (!(await store.changeSeats(name, next, record?.stamp))) return false;
    held = mine;
    heldUntil = wanted ? now + seatsLeaseMs : Number.NEGATIVE_INFINITY;
    return true;
  };

  const talk = (): void => {
    cancelWake();
    if (talking) {
      again = true;
      return;
    }
    talking = true;
    again = false;
    settle()
      .catch((error: unknown) => {
        deps.onUnreachable(name, error);
        return false;
      })
      .then((settled) => {
        talking = false;
        seat();
        const { length } = waiting;
        if (again && settled) talk();
        else if (length > 0 || !settled) wake(lookMs * (0.5 + Math.random()));
        else if (inUse < held) wake(idleMs);
        else if (held > 0) wake(renewMs);
      });
  };

  const take = (signal: AbortSignal, stopAt: number): Promise<void> => {
    signal.throwIfAborted();
    if (sentAway?.stopAt === stopAt) throw sentAway.error;
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', onAbort);
        cancelStop();
        const place = waiting.indexOf(waiter);
        if (place >= 0) waiting.splice(place, 1);
      };
      const waiter: Waiter = {
        since: clock.now(),
        stopAt,
        resolve: () => {
          leave();
          resolve();
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiter.reject(signal.reason);
      const cancelStop = clock.after(stopAt - clock.now(), () =>
        waiter.reject(
          new Postponed(limitErrors.SEATS_TAKEN, `No seat of ${name} became free in time`, name, clock.now()),
        ),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(waiter);
      seat();
      // Those that begin in the same turn ask together.
      if (waiting.includes(waiter) && waiting.length === 1) wake(0);
    });
  };

  return {
    async run(signal, stopAt, call) {
      await take(signal, stopAt);
      try {
        return await call();
      } finally {
        inUse -= 1;
        seat();
        if (waiting.length === 0 && inUse < held && !talking) wake(idleMs);
      }
    },
  };
}

/** A run that takes long is looked at rarely; jitter spreads the slices that were sent away together. */
function awayMs(age: number): number {
  const least = Math.max(leastAwayMs, age * awayShare);
  return Math.min(mostAwayMs, least * (1 + Math.random()));
}
