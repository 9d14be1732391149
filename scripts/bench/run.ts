import type { Bench, Row } from './bench.ts';

export interface Skip {
  bench: string;
  system: string;
  reason: string;
}

/** What a run of benches came to. */
export interface Outcome {
  rows: Row[];
  skips: Skip[];
  failures: { bench: string; error: unknown }[];
}

/** Runs benches one after the other. One that throws is recorded, and keeps the rows that it had reported. */
export async function runBenches(benches: readonly Bench[], note: (text: string) => void): Promise<Outcome> {
  const outcome: Outcome = { rows: [], skips: [], failures: [] };
  for (const bench of benches) {
    const { name } = bench;
    note(`${name}: ${bench.about}`);
    try {
      await bench.run({
        row: (row) => outcome.rows.push({ bench: name, ...row }),
        skip(system, reason) {
          outcome.skips.push({ bench: name, system, reason });
          note(`  ${system} skipped: ${reason}`);
        },
        note: (text) => note(`  ${text}`),
      });
    } catch (error) {
      outcome.failures.push({ bench: name, error });
      note(`  ${name} failed: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return outcome;
}

/** What makes a run a failed one, a line each. */
export function complaints({ rows, failures }: Outcome): string[] {
  return [
    ...rows
      .filter(({ checked }) => !checked)
      .map(({ bench, system }) => `${bench}: ${system} did not do its work as it should`),
    ...failures.map(({ bench, error }) => `${bench} failed: ${error}`),
  ];
}
