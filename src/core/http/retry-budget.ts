/** Retries allowed per call: clients that suffer from an outage must not amplify it. */
const share = 0.1;
/** The most retries that can be saved up. The budget starts full, or the first failure could not be retried. */
const most = 10;

/** Retries as a share of calls, after Finagle's RetryBudget. */
export interface RetryBudget {
  /** Records a call that is not a retry. */
  called(): void;
  /** True if a retry is allowed; uses it up. */
  take(): boolean;
  /** Puts retries back that met an outage: they were nobody's. */
  giveBack(retries: number): void;
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
    giveBack(retries) {
      saved = Math.min(most, saved + retries);
    },
  };
}
