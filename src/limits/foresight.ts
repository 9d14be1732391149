/** Blocks without an attempt at more after one that was too large; doubled each time, up to the last. */
const firstRest = 16;
const longestRest = 256;
const growth = 1.2;

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
 * was not, and then for ever longer no further attempt, so that little is lost by trying.
 */
export function createForesight(): Foresight {
  let units = 0;
  let rest = 0;
  let nextRest = firstRest;
  return {
    units: () => Math.floor(units),
    learn(lost, wanted) {
      if (lost >= 0.5 && wanted) {
        units = Math.max(0, Math.floor(units) - 2 * Math.ceil(lost));
        rest = nextRest;
        nextRest = Math.min(longestRest, 2 * nextRest);
      } else if (rest > 0) {
        rest -= 1;
      } else {
        units = Math.max(units + 1, units * growth);
      }
    },
  };
}
