/** What all workers know about a rate. */
export interface RateRecord {
  /** Epoch milliseconds up to which the upstream's time is reserved. */
  until: number;
  /** Changes when the upstream moved the time or a repair did: reservations under another stamp are void. */
  stamp: string;
}

/** What all workers know about an upstream that is down. */
export interface OpenBreaker {
  /** When it went down, in epoch milliseconds. */
  since: number;
  /** From this time on one worker may send one call as a probe. */
  probeAt: number;
}

/** One worker's share of the seats. */
export interface SeatHolder {
  /** 0: the worker waits for a seat. */
  seats: number;
  /** When its lease ends, in epoch milliseconds. */
  until: number;
}

/** Who holds the seats. */
export interface SeatsRecord {
  /** By worker. */
  holders: Readonly<Record<string, SeatHolder>>;
  /** Since when the seats have been in use without a gap, in epoch milliseconds. */
  since: number;
  /** Changes with every change. */
  stamp: string;
}

/**
 * Where workers share what they know about upstreams. Each change is atomic. A change whose condition does
 * not hold is not made, and returns undefined or false. Times are epoch milliseconds.
 */
export interface LimitStore {
  /** Undefined if there is no record. A damaged record has `until` NaN. */
  rate(name: string): Promise<RateRecord | undefined>;
  /** Reserves `ms` of the upstream's time after what is already reserved, if that ends within `from`–`to`. */
  extend(name: string, ms: number, from: number, to: number): Promise<RateRecord | undefined>;
  /** Reserves from `from` to `until` if there is no record yet, or its reservation has passed. */
  restart(name: string, from: number, until: number, stamp: string): Promise<RateRecord | undefined>;
  /** Replaces a record whose time is not a number or is later than `sane`. */
  repair(name: string, sane: number, until: number, stamp: string): Promise<RateRecord | undefined>;
  /** Moves the time, unless another worker has moved it since `stamp` to a later one. */
  move(name: string, until: number, stamp: string, newStamp: string): Promise<RateRecord | undefined>;

  /** Undefined while the breaker is closed. Damaged fields are NaN. */
  breaker(name: string): Promise<OpenBreaker | undefined>;
  /** Opens the breaker unless it is already open. */
  openBreaker(name: string, open: OpenBreaker): Promise<boolean>;
  /** Takes the probe that is due at `now`, and sets the time of the next one. True for exactly one worker. */
  takeProbe(name: string, now: number, nextProbeAt: number): Promise<boolean>;
  closeBreaker(name: string): Promise<void>;

  seats(name: string): Promise<SeatsRecord | undefined>;
  /** Replaces the record if it still has the stamp; with an undefined stamp, only if there is no record. */
  changeSeats(name: string, record: SeatsRecord, stamp: string | undefined): Promise<boolean>;
}

/** The furthest that a probe is set ahead, in milliseconds; a record beyond that is damaged. */
export const furthestProbeMs = 900_000;
