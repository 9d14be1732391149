/**
 * How a call ended: `answered` (below 400), `refused` (4xx of the API itself), `throttled` by a limit, `overloaded`
 * (its queue was full), `failed` (a scheduled error, or any 5xx), `outage`; `open` while it is in flight or hangs.
 */
export type CallOutcome = 'open' | 'answered' | 'refused' | 'throttled' | 'overloaded' | 'failed' | 'outage';

/** One call as the sandbox saw it. */
export interface CallRecord {
  /** Milliseconds of real time since the start, monotonic: the very moment that its limits judged it by. */
  at: number;
  epochMs: number;
  api: string;
  operation: string;
  /** What it was about: ids, queries, SKUs. */
  keys: readonly string[];
  /** The header `x-worker`. */
  worker?: string;
  outcome: CallOutcome;
  /** Whether the limits let it through. False also for what never came that far. */
  admitted: boolean;
  /** The limit that did not. */
  limit?: string;
  /** Missing while nothing was answered, and where nothing ever is. */
  status?: number;
  /** Milliseconds of real time from its arrival to its answer. */
  durationMs?: number;
}

export interface LogFilter {
  api?: string;
  /** Epoch milliseconds; calls from then on. */
  since?: number;
}

/** What is noted of a call when it ends. */
export interface CallEnd {
  outcome: Exclude<CallOutcome, 'open'>;
  status?: number;
  limit?: string;
}

export interface OpenCall {
  /** Notes what it is about. */
  about(keys: readonly string[]): void;
  /** Notes that the limits let it through. */
  admit(): void;
  /** Notes its end; `at` as in the record. Only the first time counts. */
  end(at: number, end: CallEnd): void;
}

export interface CallLog {
  open(call: Pick<CallRecord, 'at' | 'epochMs' | 'api' | 'operation' | 'worker'>): OpenCall;
  /** Copies, oldest first. */
  read(filter?: LogFilter): CallRecord[];
}

/** What has just happened to a call. */
export type CallChange = 'opened' | 'admitted' | 'ended';

/** Keeps the last `limit` calls and tells `onChange` of every change of any. */
export function createCallLog(
  limit: number,
  onChange: (record: Readonly<CallRecord>, change: CallChange) => void,
): CallLog {
  let records: CallRecord[] = [];
  return {
    open: (call) => {
      const record: CallRecord = { ...call, keys: [], outcome: 'open', admitted: false };
      records.push(record);
      // Dropped in bulk: taking one off the front of a long array for every call is slow.
      if (records.length >= 2 * limit) records = records.slice(-limit);
      onChange(record, 'opened');
      return {
        about: (keys) => {
          record.keys = keys;
        },
        admit: () => {
          record.admitted = true;
          onChange(record, 'admitted');
        },
        end: (at, end) => {
          if (record.outcome !== 'open') return;
          Object.assign(record, end, { durationMs: at - record.at });
          onChange(record, 'ended');
        },
      };
    },
    read: ({ api, since } = {}) =>
      records
        .slice(-limit)
        .filter((record) => api === undefined || record.api === api)
        .filter((record) => since === undefined || record.epochMs >= since)
        .map((record) => ({ ...record })),
  };
}
