/** Products to analyse, and the limits to keep. */
export interface Run {
  asins: readonly string[];
  /** Of each product. */
  cost: number;
  sandboxUrl: string;
  /** 0.1: the sandbox goes ten times as fast. */
  timeScale: number;
  /** Settings of the service: its limits. */
  settings: Readonly<Record<string, string>>;
  /** The same limits as seconds of real time between two calls. */
  intervals: Readonly<Record<string, number>>;
}
