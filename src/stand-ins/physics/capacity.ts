import * as z from 'zod';

export const capacitySchema = z.strictObject({
  /** Calls that are worked on at a time. */
  servers: z.number().int().min(1).max(10_000),
  /** Calls that may wait for a server, first come first served; one more is turned away. */
  queue: z.number().int().min(0).max(1_000_000),
});

export type CapacitySettings = z.infer<typeof capacitySchema>;

/** When a call is worked on, in milliseconds of the same clock as its arrival. */
export interface Place {
  startsAt: number;
  endsAt: number;
}

/**
 * A queue before a number of servers. Since it is known at a call's arrival how long its work takes, its place is
 * known too: nothing has to be waited for or woken up.
 */
export interface Capacity {
  /** Undefined when the queue is full. Calls must come in the order of their arrival. */
  admit(now: number, workMs: number): Place | undefined;
}

export function createCapacity({ servers, queue }: CapacitySettings): Capacity {
  const freeAt = new Array<number>(servers).fill(Number.NEGATIVE_INFINITY);
  /** Starts of calls that wait, in ascending order. */
  const waiting: number[] = [];
  return {
    admit: (now, workMs) => {
      while (waiting[0] !== undefined && waiting[0] <= now) waiting.shift();
      let server = 0;
      for (let other = 1; other < servers; other += 1) {
        if ((freeAt[other] ?? 0) < (freeAt[server] ?? 0)) server = other;
      }
      const startsAt = Math.max(now, freeAt[server] ?? now);
      if (startsAt > now) {
        if (waiting.length >= queue) return undefined;
        waiting.push(startsAt);
      }
      const endsAt = startsAt + workMs;
      freeAt[server] = endsAt;
      return { startsAt, endsAt };
    },
  };
}

/** Serves everybody at once. */
export const unlimitedCapacity: Capacity = {
  admit: (now, workMs) => ({ startsAt: now, endsAt: now + workMs }),
};
