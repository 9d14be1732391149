import type { RateRule } from './rule.ts';

/**
 * After a block that was too large, this many blocks pass without another try. The number doubles each time,
 * up to the last.
 */
const firstRest = 16;
const longestRest = 256;
const growth = 1.2;

/**
 * If a unit may be used this late, in milliseconds, a call that arrives in the meantime can use it: covering
 * more time takes no extra units.
 */
const longLate = 100;

/** How many units to reserve beyond those of the waiting calls. */
export interface Foresight {
  units(): number;
  /**
   * Call this with each new block.
   * @param lost units of the last block that no call used in time
   * @param wanted whether other workers also want the upstream's time: if not, nothing is lost
   */
  learn(lost: number, wanted: boolean): void;
}

/**
 * Calls made one after another never wait together, yet most of them would arrive in time for a larger block.
 * Whether they do depends on how long the upstream takes, so it is found by trial: a block that was used up
 * makes the next one larger, and one that was not makes it smaller, with ever longer rests before the next
 * try, so that trying loses little.
 *
 * Where a unit can wait for its call, a block that is mostly lost does not grow, even if no other worker
 * wants the time. Otherwise the blocks of a rate that is never used up would grow until they use it up, and
 * everyone would wait for units that nobody needs.
 */
export function createForesight({ lateMs }: Pick<RateRule, 'lateMs'>): Foresight {
  let units = 0;
  let rest = 0;
  let nextRest = firstRest;
  return {
    units: () => Math.floor(units),
    learn(lost, wanted) {
      if (lost >= 0.5 && wanted) {
        // What arrived in time last usually will again; without any of it each call would need its own
        // reservation.
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
