import type { Learned } from '../engine/learned.ts';
import type { PlanInput } from './input.ts';

/** What a workload knows about its items before they run: everything that a forecast needs apart from slicing. */
export interface Figures
  extends Pick<PlanInput, 'itemMs' | 'cpuMs' | 'wait' | 'itemNeeds' | 'upstreams' | 'callsOf' | 'worker'> {
  /** The options or the configuration say how long an item takes, so earlier runs say nothing about it. */
  itemMsGiven?: boolean;
  /** Mean weight of the items that these figures are of. Default: that of the run. */
  weight?: number;
  /** Stored bytes of one item and of its result, for when no file gives them. */
  sourceBytes: number;
  outputBytes: number;
  /** The assumptions, one sentence each, so that readers can tell whether the forecast holds for them. */
  assumed: string[];
}

/** What earlier runs of a workload taught about its durations. */
export interface EarlierRuns {
  /** Milliseconds by rank: of one unit of weight, or of whole items. */
  learned: Learned;
  per: 'unit' | 'item';
  /** Where that is from, such as a directory, for the reader of a forecast. */
  from: string;
}

/** Facts about a run besides its workload and options. */
export interface RunFacts {
  items: number;
  /** Mean weight of the items, if they could be inspected. */
  weight?: number;
  /** Bytes of all rows together as they arrive; or of all files, if files are the items. */
  sourceBytes?: number;
  fileBytes?: number;
  /** What the configuration says to expect of an API. */
  expect?: unknown;
  earlier?: EarlierRuns;
}
