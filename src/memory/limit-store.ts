import type { LimitStore, OpenBreaker, RateRecord, SeatsRecord } from '../core/limits/store.ts';

/** {@link LimitStore} for simulations: the same conditions as the table's, each change preceded and followed by `travel`. */
export function memoryLimitStore(travel: () => Promise<void> = async () => {}) {
  const rates = new Map<string, RateRecord>();
  const breakers = new Map<string, OpenBreaker>();
  const seats = new Map<string, SeatsRecord>();
  let writes = 0;
  let reads = 0;

  const remote = async <T>(change: () => T): Promise<T> => {
    await travel();
    const result = change();
    await travel();
    return result;
  };
  const write = <T>(change: () => T) => {
    writes += 1;
    return remote(change);
  };
  const read = <T>(look: () => T) => {
    reads += 1;
    return remote(look);
  };
  const set = (name: string, record: RateRecord): RateRecord => {
    rates.set(name, record);
    return { ...record };
  };
  const copy = <T extends object>(record: T | undefined) => record && { ...record };

  const store: LimitStore = {
    rate: (name) => read(() => copy(rates.get(name))),
    extend: (name, ms, from, to) =>
      write(() => {
        const found = rates.get(name);
        if (!found || !(found.until >= from && found.until <= to)) return undefined;
        return set(name, { ...found, until: found.until + ms });
      }),
    restart: (name, from, until, stamp) =>
      write(() => {
        const found = rates.get(name);
        if (found && !(found.until < from)) return undefined;
        return set(name, { until, stamp: found?.stamp ?? stamp });
      }),
    repair: (name, sane, until, stamp) =>
      write(() => {
        const found = rates.get(name);
        if (!found || found.until <= sane) return undefined;
        return set(name, { until, stamp });
      }),
    move: (name, until, stamp, newStamp) =>
      write(() => {
        const found = rates.get(name);
        if (found && found.stamp !== stamp && !(found.until < until)) return undefined;
        return set(name, { until, stamp: newStamp });
      }),
    breaker: (name) => read(() => copy(breakers.get(name))),
    openBreaker: (name, open) =>
      write(() => {
        if (breakers.has(name)) return false;
        breakers.set(name, { ...open });
        return true;
      }),
    takeProbe: (name, now, nextProbeAt) =>
      write(() => {
        const found = breakers.get(name);
        if (!found || found.probeAt > now) return false;
        found.probeAt = nextProbeAt;
        return true;
      }),
    closeBreaker: (name) =>
      write(() => {
        breakers.delete(name);
      }),
    seats: (name) => read(() => copy(seats.get(name))),
    changeSeats: (name, record, stamp) =>
      write(() => {
        if (seats.get(name)?.stamp !== stamp) return false;
        seats.set(name, { ...record });
        return true;
      }),
  };
  return {
    store,
    rates,
    breakers,
    seats,
    get writes() {
      return writes;
    },
    get reads() {
      return reads;
    },
  };
}
