/** What all workers share about a rate. */
export interface RateRecord {
  /** Epoch milliseconds up to which the upstream's time is reserved. */
  until: number;
  /** Changes when the time was moved by the upstream, or repaired: what was reserved under another stamp is void. */
  stamp: string;
}

/** What all workers share about an upstream that is down. */
export interface OpenBreaker {
  /** Epoch milliseconds since when. */
  since: number;
  /** From this time on one worker may send one call to find out. */
  probeAt: number;
}

/** What one worker has of a number of calls that may be under way at the same time. */
export interface SeatHolder {
  /** 0: it waits for one. */
  seats: number;
  /** Epoch milliseconds of the end of its lease. */
  until: number;
}

/** How seats are held. */
export interface SeatsRecord {
  /** By worker. */
  holders: Readonly<Record<string, SeatHolder>>;
  /** Epoch milliseconds since when somebody has held some without a gap. */
  since: number;
  /** Changes with every change. */
  stamp: string;
}

/**
 * Where workers share what they know of upstreams. Each change happens at once for all of them, or not at all; a change
 * that was not made, because its condition did not hold, returns undefined or false. Times are epoch milliseconds.
 */
export interface LimitStore {
  /** Undefined when there is no record. A damaged one has `until` NaN. */
  rate(name: string): Promise<RateRecord | undefined>;
  /** Reserves `ms` of the upstream's time behind what is reserved already, if that ends within `from`–`to`. */
  extend(name: string, ms: number, from: number, to: number): Promise<RateRecord | undefined>;
  /** Reserves from `from` to `until` if there is no record yet, or what it reserved is over. */
  restart(name: string, from: number, until: number, stamp: string): Promise<RateRecord | undefined>;
  /** Replaces a record whose time is no number or later than `sane`. */
  repair(name: string, sane: number, until: number, stamp: string): Promise<RateRecord | undefined>;
  /** Moves the time, unless another worker has moved it since `stamp` to a later one. */
  move(name: string, until: number, stamp: string, newStamp: string): Promise<RateRecord | undefined>;

  /** Undefined while the breaker is closed. What is damaged is NaN. */
  breaker(name: string): Promise<OpenBreaker | undefined>;
  /** Opens the breaker unless it is open. */
  openBreaker(name: string, open: OpenBreaker): Promise<boolean>;
  /** Takes the probe that is due at `now`, and sets the next one's time. True for exactly one worker. */
  takeProbe(name: string, now: number, nextProbeAt: number): Promise<boolean>;
  closeBreaker(name: string): Promise<void>;

  seats(name: string): Promise<SeatsRecord | undefined>;
  /** Replaces the record if it still has the stamp; undefined: if there is none. */
  changeSeats(name: string, record: SeatsRecord, stamp: string | undefined): Promise<boolean>;
}

/** No probe is set further ahead, in milliseconds; a record that says so is damaged. */
export const furthestProbeMs = 900_000;
