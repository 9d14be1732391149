import { randomUUID } from 'node:crypto';
import { Postponed, SpillwayError } from '../engine/errors.ts';
import { waitsFor } from '../engine/waiting.ts';
import { limitErrors } from './limit-errors.ts';
import { promptStore } from './prompt-store.ts';
import type { LimitDeps } from './rate.ts';
import type { SeatHolder, SeatsRecord } from './store.ts';

/** Limits how many calls all workers together run concurrently. */
export interface Seats {
  /**
   * Makes a call as soon as it has a seat. Throws {@link Postponed} with the code `SEATS_TAKEN` if another
   * worker is already waiting, or no seat comes free in a quarter of the time until `stopAt`. Throws the
   * signal's reason when it aborts.
   */
  run<T>(signal: AbortSignal, stopAt: number, call: () => Promise<T>): Promise<T>;
}

/** A worker's seats become free this many milliseconds after its last sign of life. */
export const seatsLeaseMs = 10_000;
const renewMs = seatsLeaseMs / 3;
/** The average time between two looks of the worker that waits for a seat, in milliseconds. */
const lookMs = 120;
/** A seat unused for this many milliseconds is given back: a next call would mostly have come at once. */
const idleMs = 20;
/**
 * A slice that was sent away returns after this, in milliseconds, plus a twentieth of how long the seats have
 * been in use.
 */
const leastAwayMs = 15_000;
const awayShare = 1 / 20;
const mostAwayMs = 900_000;
/**
 * The share of the budget that a worker may wait for its first seat. The learned duration of an item includes
 * its waiting, and an item that seems to take a whole budget would no longer be started.
 */
const patienceShare = 1 / 4;

interface Waiter {
  since: number;
  stopAt: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * A ceiling that workers share. One record says how many seats each worker holds, and changes only as a
 * whole. A worker takes as many seats as it has calls for and gives back those that it does not use. One more
 * worker may wait, so that seats pass on call by call while a slice runs out. All others are sent away,
 * because waiting in place costs money.
 *
 * While the store is unreachable no new call begins. Only a worker that was frozen for longer than its lease
 * can have calls running without a seat. Throws `SEATS_INVALID`, naming the value.
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

  /** Reads who holds the seats, and takes or gives back. True if nothing had to change, or the change was written. */
  const settle = async (): Promise<boolean> => {
    const record = await store.seats(name);
    const now = clock.now();
    const others = Object.entries(record?.holders ?? {}).filter(
      ([id, { until }]) => id !== self && until > now,
    );
    const free = total - others.reduce((sum, [, { seats }]) => sum + seats, 0);
    // Running calls keep running, even if others have taken their seats in the meantime.
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
    // A decrease counts at once, an increase only after it is written.
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
      let ended = () => {};
      const leave = () => {
        signal.removeEventListener('abort', onAbort);
        cancelStop();
        ended();
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
      if (waiting.includes(waiter)) ended = waitsFor({ kind: 'lane', name, since: clock.now() });
      // Calls that begin in the same turn ask together.
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

/** A long run is checked rarely; jitter spreads the slices that were sent away together. */
function awayMs(age: number): number {
  const least = Math.max(leastAwayMs, age * awayShare);
  return Math.min(mostAwayMs, least * (1 + Math.random()));
}
