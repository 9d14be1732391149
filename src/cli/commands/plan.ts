import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { openRows } from '../../formats/open-rows.ts';
import { describe } from '../../plan/describe.ts';
import { forecast } from '../../plan/forecast.ts';
import { readPlan } from '../../plan/input.ts';
import { letter } from '../../plan/letter.ts';
import { configFiles } from '../../workloads/config-file.ts';
import { inputFile } from '../input-file.ts';
import { readObject } from '../job-options.ts';
import { wholeNumber } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import { readConfig } from './run-options.ts';

interface Options {
  figures?: string;
  config?: string;
  input?: string;
  items?: number;
  letter?: string;
  from?: string;
  contact?: string;
  startsAt?: string;
  workers?: number;
}

/** `spillway plan`: a run's duration, load and cost, before it is made. */
export function addPlan(program: Command): void {
  program
    .command('plan')
    .argument('[workload]', 'whose configuration file tells what is known')
    .summary('forecast how long a run takes, what it costs, and what load it makes')
    .description('Forecasts a run from what is known of one item. Nothing is run, and no service is needed.')
    .option('--figures <file>', 'what is known, as a JSON object; its shape is in src/plan/input.ts')
    .option('--config <file>', "the workload's configuration; figures, if given too, go before what it says")
    .option('--input <file>', 'counts the items and bytes of this file')
    .option('--items <n>', 'how many items there are', wholeNumber(1, 1e10))
    .option('--letter <upstream>', "writes to the upstream's owner what to expect, in place of the forecast")
    .option('--from <name>', 'of the letter')
    .option('--contact <address>', 'of the letter')
    .option('--starts-at <time>', 'of the letter: a date and time')
    .option(
      '--workers <n>',
      'of the letter: one of the forecast (default: as many as are of use)',
      wholeNumber(1, 1000),
    )
    .addHelpText(
      'after',
      `
Example:
  echo '{"sliceSize":100,"slots":10,"itemMs":{"typical":800}}' > figures.json
  spillway plan --figures figures.json --input rows.csv
  spillway plan recommend-cards --config real_config.json --items 200000`,
    )
    .action(plan);
}

async function plan(workload: string | undefined, options: Options): Promise<void> {
  const { items, letter: upstream, from, contact, startsAt, workers } = options;
  const known = knownOf(workload, options);
  const input = options.input ?? (items === undefined ? known.input : undefined);
  if (input !== undefined && items !== undefined) throw new UsageError('Give --input or --items, not both.');
  const given = {
    ...known.figures,
    ...(items !== undefined && { items }),
    ...(input !== undefined && {
      items: await countRows(input),
      sourceBytes: inputFile(input, undefined).bytes,
    }),
  };
  const expected = forecast(readPlan(given));
  const text =
    upstream === undefined
      ? describe(expected)
      : letter(expected, {
          upstream,
          ...(from !== undefined && { from }),
          ...(contact !== undefined && { contact }),
          ...(startsAt !== undefined && { startsAt }),
          ...(workers !== undefined && { workers }),
        });
  process.stdout.write(text);
}

/** What is known of the run, and the file that it is of where a configuration names one. Throws a {@link UsageError}. */
function knownOf(
  workload: string | undefined,
  { figures, config }: Options,
): { figures: Record<string, unknown>; input?: string } {
  const given = figures === undefined ? {} : readObject(figures);
  if (config === undefined) {
    if (figures === undefined)
      throw new UsageError(
        "required option '--figures <file>' not specified (or a workload's --config); --help shows an example",
      );
    return { figures: given };
  }
  const reader = configFiles.get(workload ?? '');
  if (!reader) {
    const names = [...configFiles.keys()].join(', ');
    throw new UsageError(`--config tells of the load for these workloads only: ${names}`);
  }
  const { input } = readConfig(workload ?? '', config);
  return { figures: { ...reader.figures(readObject(config)), ...given }, ...(input && { input }) };
}

/** Of any format. Throws a `FileError`. */
async function countRows(path: string): Promise<number> {
  const { name } = inputFile(path, undefined);
  let count = 0;
  for await (const { rows } of openRows(createReadStream(path), { name, batchSize: 5_000 }))
    count += rows.length;
  return count;
}
