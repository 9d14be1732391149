/** Retries allowed for each call made: an outage must not be amplified by those who suffer from it. */
const share = 0.1;
/** So many retries may be saved up; as many are there to begin with, or the first failure could not be retried. */
const most = 10;

/** Retries as a share of calls, after Finagle's RetryBudget. */
export interface RetryBudget {
  /** A call was made that is no retry. */
  called(): void;
  /** True if a retry may be made; it is then used up. */
  take(): boolean;
}

export function createRetryBudget(): RetryBudget {
  let saved = most;
  return {
    called() {
      saved = Math.min(most, saved + share);
    },
    take() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
