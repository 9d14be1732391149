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
