import type { ZodType } from 'zod';
import type { Variables } from '../engine/environment.ts';
import type { Figures, RunFacts } from '../forecast/figures.ts';
import type { DeclaredUpstream } from '../http/account.ts';
import type { Catalog } from './catalog.ts';
import type { Outcome } from './model/job.ts';
import type { Log } from './model/ports.ts';

/** Identifies an item. */
export interface ItemRef<Options> {
  readonly jobId: string;
  readonly tenant: string;
  /** The item's fixed position in its job, from 0. */
  readonly index: number;
  readonly options: Options;
}

/** What a workload receives with each item. */
export interface ItemContext<Options> extends ItemRef<Options> {
  /** The same for every delivery of this item. Every outside effect must carry it. */
  readonly idempotencyKey: string;
  /** Aborts when the budget ends or the job is cancelled. Everything that waits or fetches must listen to it. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds at which the budget ends. Do not wait for anything that comes later. */
  readonly stopAt: number;
  readonly log: Log;
  /** The slice that the item belongs to: the same object for all its items in this delivery. */
  readonly slice: TakenSlice;
}

/** A claimed slice, as a workload sees it. */
export interface TakenSlice {
  /** Unique in the job. */
  readonly id: string;
  /** Ids of the slices that held its items earlier in this round and were split, the nearest last. */
  readonly before: readonly string[];
  /** Items in it that are left to do. */
  readonly items: number;
}

/** How a workload's items are packed and run. */
export interface WorkloadLimits {
  /** Items that run at the same time in one invocation. */
  concurrency: number;
  /** Items in a slice: the unit of hand-over. */
  sliceSize: number;
  /** Finished items are recorded within this many milliseconds; 0 = at once. */
  checkpointMs: number;
  /** Milliseconds after which an item fails. Default: as long as the budget lasts. */
  timeoutMs?: number;
  /** Expected milliseconds per unit of weight until something has been learned. */
  expectedMsPerUnit: number;
  /** Slices of a job that may run at the same time, unless the job sets its own. Default: limited by workers only. */
  maxWorkers?: number;
  /** Stops the job when more than `share` of a worker's last `of` items failed. Default: never. */
  failures?: { share: number; of: number };
}

/** Limits that a job's options may change. */
export type Tuning = Partial<Pick<WorkloadLimits, 'concurrency' | 'sliceSize' | 'timeoutMs' | 'failures'>>;

/** Summarizes a job as a whole from its outcomes. */
export interface Summary<Output = unknown> {
  /** Called with every outcome, in the order of the items. Must keep little in memory. */
  add(outcome: Outcome<Output>): void;
  /** Must survive JSON. May be a promise. */
  result(): unknown;
}

/** How the API shows the outcomes of a workload. */
export interface View<Output = unknown> {
  /** Schema of what {@link show} resolves to, for OpenAPI. Default: the outcome common to all workloads. */
  readonly schema?: ZodType;
  /** Its own word for `succeeded`, if it has one. Callers may filter by this word too. */
  readonly succeeded?: string;
  /** An outcome as the tenant sees it, for example with links that expire. */
  show(outcome: Outcome<Output>): Promise<object>;
  /** Stands for an item without an outcome in an answer that lists every item. `itemId`: from {@link Workload.idOf}. */
  pending?(index: number, itemId: string | undefined): object;
}

/** What a configuration file says about a run. */
export interface RunConfig {
  /** The job's options, checked when the job is submitted. */
  options: Record<string, unknown>;
  /** Paths, if the file names any. */
  input?: string;
  output?: string;
  /** What to expect of an API, for the forecast. */
  expect?: unknown;
}

/** How to read a workload's configuration file that holds more than the job's options. */
export interface ConfigFile {
  /** Throws `CONFIG_INVALID`, naming the place in the file. */
  read(config: Readonly<Record<string, unknown>>): RunConfig;
  /** What to call the items, in the plural, and after how many of them to report progress. */
  counts: { unit: string; every: number };
}

/**
 * Memory that a workload's workers need. `large`: 3,008 MB, for pictures and documents. `light`: 512 MB, for API calls
 * and rows.
 */
export type MemoryClass = 'large' | 'light';

/**
 * What to do with each item, and everything that other rooms know about the workload. `Item` and `Output` must survive
 * JSON. An error thrown by `run` fails that item only; throw an `ItemError` to give it a code and to say whether a
 * retry can help.
 */
export interface Workload<Item = unknown, Options = unknown, Output = unknown> {
  readonly name: string;
  /** One line that helps to choose a workload. */
  readonly description: string;
  readonly item: ZodType<Item>;
  readonly options: ZodType<Options>;
  readonly limits: WorkloadLimits;
  /** `files`: each file of a folder is an item. `rows`: each row of a file is an item. Default: `rows`. */
  readonly items?: 'rows' | 'files';
  /** Default: `light`. */
  readonly memory?: MemoryClass;
  /** The APIs that it calls, with the environment variables for its accounts. Default: none. */
  readonly upstreams?: readonly DeclaredUpstream[];
  /**
   * Environment variables that it reads itself, besides those of accounts. Each must accept being missing: functions
   * that only read jobs do not have them. Default: none.
   */
  readonly settings?: Variables;
  /**
   * Columns that a file must have; a function if they depend on the job's options. A column of the file whose name
   * differs only in case, blanks and underscores gets this name. Default: none.
   */
  readonly columns?: readonly string[] | ((options: Options) => readonly string[]);
  /** Columns that it uses where a file has them, found by their names in the same way. Default: none. */
  readonly optionalColumns?: readonly string[];
  /** Relative cost of an item (for example its number of photos), at least 1. */
  weight(item: Item): number;
  run(item: Item, context: ItemContext<Options>): Promise<Output>;
  /**
   * Removes what a failed item may have left outside, such as uploads of an earlier, interrupted delivery. Called when
   * the item has finally failed. Must be safe to repeat.
   */
  undo?(item: ItemRef<Options>): Promise<void>;
  /** The caller's own name for an item, which identifies it among the outcomes. */
  idOf?(item: Item): string | undefined;
  /** The limits that a job's options change. */
  tune?(options: Options): Tuning;
  /**
   * The options that decide its results: without those that only make it faster or slower. A run that goes on with
   * other ones of the latter kind is the same job. Takes options as a user gives them, before defaults. Default: all.
   */
  decisiveOptions?(options: Readonly<Record<string, unknown>>): unknown;
  /** The APIs that stand-ins answer for because the options say so, besides upstreams without a key. Default: none. */
  standIns?(options: Options): string[];
  /** What a forecast needs to know about its items. Default: `expectedMsPerUnit` per unit of weight, and no API. */
  figures?(options: Options, run: RunFacts): Figures;
  /** Makes the job's summary when the job ends: `summary.json` beside its output. Default: none. */
  summary?(options: Options): Summary<Output>;
  /** How to show its outcomes. Default: as they are. */
  readonly view?: View<Output>;
  /** What it has made and keeps, for tenants to read back. Default: nothing. */
  readonly catalog?: Catalog;
  /** Its configuration file. Default: a file that holds the job's options and nothing else. */
  readonly configFile?: ConfigFile;
  /** Loads slow dependencies while a function starts, before the first item. Must be safe to repeat. */
  warmUp?(): Promise<void>;
}
