import type { PlanInput } from './input.ts';

/** What a workload knows about its items before they run: everything that a forecast needs apart from slicing. */
export interface Figures
  extends Pick<PlanInput, 'itemMs' | 'cpuMs' | 'wait' | 'itemNeeds' | 'upstreams' | 'callsOf' | 'worker'> {
  /** Stored bytes of one item and of its result, for when no file gives them. */
  sourceBytes: number;
  outputBytes: number;
  /** The assumptions, one sentence each, so that readers can tell whether the forecast holds for them. */
  assumed: string[];
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
}
