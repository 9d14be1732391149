import type { ApiName } from './apis/index.ts';
import type { ConfigureOrder, OutageOrder } from './orders.ts';
import type { CallRecord, LogFilter } from './physics/call-log.ts';
import type { OperationStats } from './physics/call-stats.ts';

/** What can be done with a sandbox, from its own process and from outside. */
export interface Controls {
  url: string;
  /** Where each API is: what stands in place of `https://google.serper.dev`. */
  urls: Readonly<Record<ApiName, string>>;
  /** Calls since the start or the last reset, oldest first. */
  log(filter?: LogFilter): CallRecord[];
  stats(): OperationStats[];
  /** Throws ZodError. */
  outage(order: OutageOrder): void;
  /** Throws ZodError. */
  configure(order: ConfigureOrder): void;
  /**
   * Puts everything back to the start: empty log, full buckets, empty stores, the first settings. Calls in flight are
   * still answered, and noted nowhere.
   */
  reset(): void;
}
