import type { ZodType } from 'zod';
import type { Variables } from '../engine/environment.ts';
import type { Figures, RunFacts } from '../forecast/figures.ts';
import type { DeclaredUpstream } from '../http/account.ts';
import type { Outcome } from './model/job.ts';
import type { Log } from './model/ports.ts';

/** Which item it is. */
export interface ItemRef<Options> {
  readonly jobId: string;
  readonly tenant: string;
  /** The item's fixed position in its job, from 0. */
  readonly index: number;
  readonly options: Options;
}

/** What a workload is given with each item. */
export interface ItemContext<Options> extends ItemRef<Options> {
  /** The same for every delivery of this item: an outside effect must carry it. */
  readonly idempotencyKey: string;
  /** Aborts when the budget ends or the job is cancelled; whatever waits or fetches must listen to it. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds at which the budget ends: nothing should be waited for that comes later. */
  readonly stopAt: number;
  readonly log: Log;
  /** The run of items that the worker has taken together: one object for all of them in this delivery. */
  readonly slice: TakenSlice;
}

/** A slice as a worker has taken it. */
export interface TakenSlice {
  /** Unique in the job. */
  readonly id: string;
  /** Ids of the slices that it was split from since its round began, the nearest last: they had its items before. */
  readonly before: readonly string[];
  /** Items that are left to do in it. */
  readonly items: number;
}

/** How a workload's items are packed and run. */
export interface WorkloadLimits {
  /** Items that run at the same time in one invocation. */
  concurrency: number;
  /** Items in a slice: the unit of hand-over. */
  sliceSize: number;
  /** Finished items are recorded at the latest this many milliseconds after they finish; 0 = at once. */
  checkpointMs: number;
  /** An item that takes longer fails, in milliseconds. Default: as long as the budget lasts. */
  timeoutMs?: number;
  /** Expected milliseconds per unit of weight while nothing has been learned yet. */
  expectedMsPerUnit: number;
  /** Slices of a job at work at a time, where the job does not say otherwise. Default: as many as there are workers. */
  maxWorkers?: number;
  /** Stops the job when more than this share of a worker's last so many items failed. Default: it goes on. */
  failures?: { share: number; of: number };
}

/** Limits that a job's options may change. */
export type Tuning = Partial<Pick<WorkloadLimits, 'concurrency' | 'sliceSize' | 'timeoutMs' | 'failures'>>;

/** What a job as a whole has come to, gathered from its outcomes. */
export interface Summary<Output = unknown> {
  /** Called with every outcome, in the order of the items. Must keep little. */
  add(outcome: Outcome<Output>): void;
  /** Must survive JSON. May be a promise. */
  result(): unknown;
}

/** How the API shows what became of a workload's items. */
export interface View<Output = unknown> {
  /** What {@link show} resolves to, for the interface's description. Default: an outcome as all workloads have it. */
  readonly schema?: ZodType;
  /** What it calls its successes, where not `succeeded`: whoever asks for those alone may say so too. */
  readonly succeeded?: string;
  /** An outcome as its tenant sees it, for example with links that expire. */
  show(outcome: Outcome<Output>): Promise<object>;
  /** An item that has no outcome yet, where an answer has a place for each. `itemId`: what {@link Workload.idOf} says. */
  pending?(index: number, itemId: string | undefined): object;
}

/** What a configuration file says of a run. */
export interface RunConfig {
  /** The job's options; they are checked when the job is submitted. */
  options: Record<string, unknown>;
  /** Paths, where the file names any. */
  input?: string;
  output?: string;
  /** What is to be expected of an API, for the forecast. */
  expect?: unknown;
}

/** How a workload's configuration file is read, where it holds more than the job's options. */
export interface ConfigFile {
  /** Throws `CONFIG_INVALID`, naming the place. */
  read(config: Readonly<Record<string, unknown>>): RunConfig;
  /** What the items are called, in the plural, and after how many of them progress is told. */
  counts: { unit: string; every: number };
}

/**
 * Memory of the workers that it needs. `large`: 3,008 MB, for pictures and documents. `light`: 512 MB, for what calls APIs
 * or moves rows.
 */
export type MemoryClass = 'large' | 'light';

/**
 * All that other rooms know of a workload, and what is done with each item. `Item` and `Output` must survive JSON. An error thrown by `run` fails that item only;
 * throw an `ItemError` to give it a code and to say whether a retry can help.
 */
export interface Workload<Item = unknown, Options = unknown, Output = unknown> {
  readonly name: string;
  /** One line for those who choose. */
  readonly description: string;
  readonly item: ZodType<Item>;
  readonly options: ZodType<Options>;
  readonly limits: WorkloadLimits;
  /** What its items are: `files` where each file of a folder is one, `rows` where a file holds many. Default: `rows`. */
  readonly items?: 'rows' | 'files';
  /** Default: `light`. */
  readonly memory?: MemoryClass;
  /** The APIs that it calls, with the variables that hold its accounts. Default: none. */
  readonly upstreams?: readonly DeclaredUpstream[];
  /**
   * Variables of the environment that it reads itself, besides those of accounts. Each must bear to be missing: functions
   * that only read jobs do not have them. Default: none.
   */
  readonly settings?: Variables;
  /** Columns that a file must have; a function where the job's options say which. Default: none in particular. */
  readonly columns?: readonly string[] | ((options: Options) => readonly string[]);
  /** Relative cost of an item (for example its number of photos), at least 1. */
  weight(item: Item): number;
  run(item: Item, context: ItemContext<Options>): Promise<Output>;
  /**
   * Removes what a failed item may have left outside, such as uploads of an earlier, interrupted delivery. Called once
   * it is certain that the item fails. Must be safe to repeat.
   */
  undo?(item: ItemRef<Options>): Promise<void>;
  /** The caller's own name for an item, to find it again among the outcomes. */
  idOf?(item: Item): string | undefined;
  /** What a job's options change about its limits. */
  tune?(options: Options): Tuning;
  /** What a forecast needs to know of its items (`spillway plan`). Default: `expectedMsPerUnit` for each, and no API. */
  figures?(options: Options, run: RunFacts): Figures;
  /** Gathers the job's summary when it ends: `summary.json` beside its output. Default: none. */
  summary?(options: Options): Summary<Output>;
  /** How its outcomes are shown. Default: as they are. */
  readonly view?: View<Output>;
  /** Its configuration file. Default: one that holds the job's options, and nothing else. */
  readonly configFile?: ConfigFile;
  /** Loads ahead of the first item what takes long, while a function starts. Must be safe to repeat. */
  warmUp?(): Promise<void>;
}
