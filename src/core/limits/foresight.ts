import type { RateRule } from './rule.ts';

/** Blocks without an attempt at more after one that was too large; doubled each time, up to the last. */
const firstRest = 16;
const longestRest = 256;
const growth = 1.2;

/** A unit that may be used this late, in milliseconds, serves whoever comes meanwhile: to cover more time takes no more units. */
const longLate = 100;

/** How many units to reserve beyond those that wait already. */
export interface Foresight {
  units(): number;
  /**
   * Called with each new block.
   * @param lost units of the last one that nobody came for in time
   * @param wanted whether other workers want the upstream's time as well: where nobody does, nothing is lost
   */
  learn(lost: number, wanted: boolean): void;
}

/**
 * Calls one after the other never wait together, and yet most of them will come in time for a larger block. Whether they
 * do depends on how long the upstream takes, so it is tried out: more after each block that was used, less after one that
 * was not, and then for ever longer no further attempt, so that little is lost by trying. Where a unit can wait for its call, a block
 * that is mostly lost does not grow, nobody wanting it or not: of a rate that is never used up, the blocks would grow until
 * they use it up, and everybody wait for what nobody needs.
 */
export function createForesight({ lateMs }: Pick<RateRule, 'lateMs'>): Foresight {
  let units = 0;
  let rest = 0;
  let nextRest = firstRest;
  return {
    units: () => Math.floor(units),
    learn(lost, wanted) {
      if (lost >= 0.5 && wanted) {
        // What came in time last will again, as a rule: without any of it there would be a question for each call.
        const used = Math.max(0, units - lost);
        units = Math.max(Math.floor(units) - 2 * Math.ceil(lost), Math.floor(used / 2));
        rest = nextRest;
        nextRest = Math.min(longestRest, 2 * nextRest);
      } else if (rest > 0) {
        rest -= 1;
      } else if (lateMs >= longLate && lost > units / 2) {
        units /= growth;
      } else {
        units = Math.max(units + 1, units * growth);
      }
    },
  };
}
