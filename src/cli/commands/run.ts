import type { Command } from 'commander';
import { withFile, withInput } from '../options.ts';
import type { RunOptions } from '../show-outcome.ts';

/** `spillway run`: a file in, a file out. */
export function addRun(program: Command): void {
  const command = withInput(program.command('run'))
    .summary('process a file')
    .description(
      'Processes a file of rows and writes the results in the same order. The same command, given again after ' +
        'Ctrl+C or a crash, or after the job was stopped or cancelled, continues where it stopped, also at another ' +
        'pace or with another output. Given again after the end, it writes the output once more.',
    )
    .option(
      '--output <file>',
      'where the results go: .csv, .jsonl or .json, each also with .gz appended, or .xlsx; - is standard output; failed rows go into <name>.errors.<ext> beside it, the full texts of files into <name>-texts/',
    )
    .option(
      '--merge-into <file>',
      'an earlier output: the input is its file of errors, mended, and the results take the places of the failed rows',
    )
    .option('--json', 'prints the summary as a JSON object')
    .addHelpText('after', example)
    .action(async (workload: string, options: RunOptions) => {
      const { tellEndedRun } = await import('../ended-run.ts');
      if (await tellEndedRun(workload, options)) return;
      const { run } = await import('../run.ts');
      await run(workload, options);
    });
  withFile(command);
}

const example = `
Exit codes: 0 all rows succeeded, 3 some failed or the job was stopped by an error, 130 interrupted, 2 wrong usage, 1 anything else.

Examples:
  spillway run echo --input rows.csv --output results.xlsx
  spillway run echo --input rows.csv.gz --output results.jsonl.gz --set delayMs=20
  spillway run echo --input results.errors.csv --merge-into results.csv
  zcat rows.csv.gz | spillway run echo --input - --output - --format jsonl`;
