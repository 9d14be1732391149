import type { Clock } from '../engine/clock.ts';
import type { LimitStore } from './store.ts';

/** A store that has not answered after this many milliseconds counts as unreachable. */
const answersWithinMs = 1_000;
/** A process that was frozen finds both the answer and the expired timer. It gets this long to read the answer. */
const secondLookMs = 200;

/** Wraps the store so that every call rejects rather than take long. */
export function promptStore(store: LimitStore, clock: Clock): LimitStore {
  const prompt = <T>(answer: Promise<T>): Promise<T> => {
    const late = Promise.withResolvers<never>();
    let cancel = clock.after(answersWithinMs, () => {
      cancel = clock.after(secondLookMs, () => late.reject(new Error('The store did not answer in time')));
    });
    return Promise.race([answer, late.promise]).finally(() => cancel());
  };
  return {
    rate: (name) => prompt(store.rate(name)),
    extend: (...args) => prompt(store.extend(...args)),
    restart: (...args) => prompt(store.restart(...args)),
    repair: (...args) => prompt(store.repair(...args)),
    move: (...args) => prompt(store.move(...args)),
    breaker: (name) => prompt(store.breaker(name)),
    openBreaker: (...args) => prompt(store.openBreaker(...args)),
    takeProbe: (...args) => prompt(store.takeProbe(...args)),
    closeBreaker: (name) => prompt(store.closeBreaker(name)),
    seats: (name) => prompt(store.seats(name)),
    changeSeats: (...args) => prompt(store.changeSeats(...args)),
  };
}
