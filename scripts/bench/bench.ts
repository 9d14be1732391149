/** One measurement. `--json` prints rows as they are. */
export interface Row {
  bench: string;
  /** `spillway`, a peer's name, or `limit`. */
  system: string;
  /** Wall-clock time of the work. */
  seconds: number;
  items: number;
  /** The least time that the same work can take: see the bench's own file for how it is known. */
  limitSeconds: number;
  /** The work was really done: every item's result was looked at. */
  checked: boolean;
  /**
   * Whatever else was measured, under names that say the unit. `case` is special: only rows with the same case are
   * compared with each other.
   */
  extra: Record<string, number | string>;
}

/** Benchmarks of one subject: all systems do the same work, one after the other, in one run. */
export interface Bench {
  /** For `--only`. */
  name: string;
  /** For `--only` as well: stands for all benches of the group. */
  group?: string;
  /** One line: what is measured. */
  about: string;
  run(report: Report): Promise<void>;
}

export interface Report {
  row(row: Omit<Row, 'bench'>): void;
  /** A system that cannot be measured here, and why. */
  skip(system: string, reason: string): void;
  /** Progress, for people. */
  note(text: string): void;
}
