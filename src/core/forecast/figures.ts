import type { PlanInput } from './input.ts';

/** What a workload knows of its items before they are run: everything that a forecast needs besides how they are packed. */
export interface Figures
  extends Pick<PlanInput, 'itemMs' | 'cpuMs' | 'wait' | 'itemNeeds' | 'upstreams' | 'callsOf' | 'worker'> {
  /** Of one item and of its result, as they are stored, where no file says it. */
  sourceBytes: number;
  outputBytes: number;
  /** What that rests on, a sentence each: whoever reads the forecast must be able to tell whether it holds for them. */
  assumed: string[];
}

/** What is known of a run besides its workload and options. */
export interface RunFacts {
  items: number;
  /** Mean weight of the items, where they could be looked at. */
  weight?: number;
  /** Bytes of all rows together, as they come in; or of all files, where files are the items. */
  sourceBytes?: number;
  fileBytes?: number;
  /** What the configuration says that is to be expected of an API. */
  expect?: unknown;
}
