import type { CallChange, CallOutcome, CallRecord } from './call-log.ts';

/** Counts since the start or the last reset, not limited by the log's length. */
export interface OperationStats {
  api: string;
  operation: string;
  /** All of them: answered + refused + rejected + failed + inFlight. */
  calls: number;
  /** Let through by the limits. */
  admitted: number;
  /** Turned away by a limit. */
  rejected: number;
  answered: number;
  /** Answered with a 4xx of the API itself, such as for a wrong key or bad input. */
  refused: number;
  /** Scheduled errors, overload, outages and other 5xx. */
  failed: number;
  /** Not answered yet, those that hang in an outage included. */
  inFlight: number;
  /** The most calls that were let through and not answered yet at a time. */
  peakInFlight: number;
  /** Milliseconds of real time since the start. */
  firstAt: number;
  lastAt: number;
}

export interface CallStats {
  note(record: Readonly<CallRecord>, change: CallChange): void;
  /** Copies, by API and operation. */
  read(): OperationStats[];
}

const countOf = {
  answered: 'answered',
  refused: 'refused',
  throttled: 'rejected',
  overloaded: 'failed',
  failed: 'failed',
  outage: 'failed',
} as const satisfies Record<Exclude<CallOutcome, 'open'>, keyof OperationStats>;

export function createCallStats(): CallStats {
  const operations = new Map<string, OperationStats & { working: number }>();

  function statsOf({ api, operation, at }: Readonly<CallRecord>) {
    const key = `${api} ${operation}`;
    const existing = operations.get(key);
    if (existing !== undefined) return existing;
    const created = {
      ...{ api, operation, calls: 0, admitted: 0, rejected: 0, answered: 0, refused: 0, failed: 0 },
      ...{ inFlight: 0, working: 0, peakInFlight: 0, firstAt: at, lastAt: at },
    };
    operations.set(key, created);
    return created;
  }

  return {
    note: (record, change) => {
      const stats = statsOf(record);
      switch (change) {
        case 'opened':
          stats.calls += 1;
          stats.inFlight += 1;
          stats.lastAt = Math.max(stats.lastAt, record.at);
          break;
        case 'admitted':
          stats.admitted += 1;
          stats.working += 1;
          stats.peakInFlight = Math.max(stats.peakInFlight, stats.working);
          break;
        case 'ended':
          stats.inFlight -= 1;
          if (record.admitted) stats.working -= 1;
          if (record.outcome !== 'open') stats[countOf[record.outcome]] += 1;
      }
    },
    read: () =>
      [...operations.values()]
        .map(({ working: _, ...stats }) => stats)
        .sort((a, b) => a.api.localeCompare(b.api) || a.operation.localeCompare(b.operation)),
  };
}
