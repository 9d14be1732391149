import type { Item } from './items.ts';

/** Something that runs items in a bounded number of slots. */
export interface System {
  name: string;
  /** Why it cannot be measured here, if it cannot. */
  missing(): string | undefined;
  run(items: readonly Item[], slots: number): Promise<Timed>;
}

export interface Timed {
  /** Of the work alone, without the start of processes. */
  seconds: number;
  /** What the items returned, in their order. */
  results: readonly unknown[];
}
