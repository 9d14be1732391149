import type { ConcurrencyDefinition } from '../../../src/core/http/adaptive.ts';
import type { BreakerDefinition } from '../../../src/core/limits/breaker.ts';
import type { RateDefinition } from '../../../src/core/limits/rule.ts';

/** How a worker process keeps to a limit. */
export type Way = 'spillway' | 'bottleneck' | 'rate-limiter-flexible' | 'hand-written';

/** What a worker process is told to do. */
export interface Order {
  way: Way;
  /** Name, for the upstream's log. */
  worker: string;
  /** APIs to call, all at the same time, each with slots of its own. */
  apis: readonly { name: string; url: string; rate?: RateDefinition }[];
  /** Calls at the same time to each API. */
  slots: number;
  /** Adaptive concurrency instead of as many calls as there are slots. */
  concurrency?: ConcurrencyDefinition;
  breaker?: BreakerDefinition;
  /** Items for each API; fewer if the time is up first. */
  items: number;
  forMs: number;
  workers: number;
  /** Where the table and Redis are, for those who need them. */
  tableEndpoint: string;
  redisPort: number;
}

/** What a worker process has done: items by how they ended, the wrong answers among them. */
export interface Result {
  succeeded: number;
  failed: number;
  overflowed: number;
  wrong: number;
  failures: Record<string, number>;
}
