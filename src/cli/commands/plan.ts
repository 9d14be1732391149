import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { readVariables } from '../../core/engine/environment.ts';
import { SpillwayError } from '../../core/engine/errors.ts';
import { unknownName } from '../../core/engine/nearest.ts';
import { describe } from '../../core/forecast/describe.ts';
import type { RunFacts } from '../../core/forecast/figures.ts';
import { forecast } from '../../core/forecast/forecast.ts';
import { readPlan } from '../../core/forecast/input.ts';
import { letter } from '../../core/forecast/letter.ts';
import type { Encoding } from '../../core/formats/encoding.ts';
import type { Format } from '../../core/formats/format.ts';
import type { Workload } from '../../core/jobs/workload.ts';
import { checked } from '../../core/json/check.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import { earlierRuns } from '../earlier-runs.ts';
import { type KnownInput, knownInput } from '../known-run.ts';
import { collect, wholeNumber, withConnection, withReading } from '../options.ts';
import { jobOptions, readConfig, readObject } from '../run-request.ts';
import { UsageError } from '../usage-error.ts';

interface Options extends ConnectionOptions {
  figures?: string;
  config?: string;
  set?: string[];
  input?: string[];
  inputFormat?: Format;
  encoding?: Encoding;
  sheet?: string;
  skipRows?: number;
  items?: number;
  letter?: string;
  from?: string;
  contact?: string;
  startsAt?: string;
  workers?: number;
  earlierRuns: boolean;
}

/** `spillway plan`: forecasts a run's duration, load and cost. */
export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .argument('[workload]', 'what to do with each item')
    .summary('forecast how long a run takes, what it costs, and what load it makes')
    .description(
      'Forecasts a run from what its workload knows about an item, and from how long items took in earlier runs: in the data ' +
        'directory, or at the endpoint. It runs nothing and needs no service. The limits are those that the APIs document, or ' +
        'those that the environment sets for your accounts.',
    )
    .option(
      '--input <path...>',
      'count the rows or files of this input; a body of POST /create-products or POST /jobs works too',
    )
    .option('--items <n>', 'how many items there are', wholeNumber(1, 1e10));
  withConnection(withReading(command))
    .option('--no-earlier-runs', 'forecast from the figures of the workload alone')
    .option('--set <name=value>', "one of the workload's options; may be repeated", collect)
    .option('--config <file>', "the workload's configuration, as for run")
    .option(
      '--figures <file>',
      'figures that override those of the workload, as a JSON object; src/core/forecast/input.ts has its shape. Without a workload: all figures',
    )
    .option('--letter <upstream>', "write to the upstream's owner what to expect, instead of the forecast")
    .option('--from <name>', 'of the letter')
    .option('--contact <address>', 'of the letter')
    .option('--starts-at <time>', 'date and time in the letter')
    .option(
      '--workers <n>',
      'number of workers in the letter, one of the forecast (default: as many as are of use)',
      wholeNumber(1, 1000),
    )
    .addHelpText(
      'after',
      `
Examples:
  spillway plan enrich-leads --input leads.csv --set tier=flex
  spillway plan recommend-cards --config real_config.json --items 200000 --letter cards --from Acme
  echo '{"itemMs":{"typical":22000}}' > figures.json
  spillway plan extract-files --input contracts/ --figures figures.json`,
    )
    .action(plan);
}

async function plan(name: string | undefined, options: Options): Promise<void> {
  const { letter: upstream, from, contact, startsAt, workers } = options;
  const expected = forecast(readPlan(await inputOf(name, options)));
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

/** Collects everything known about the run. Throws a {@link UsageError}. */
async function inputOf(name: string | undefined, given: Options): Promise<Record<string, unknown>> {
  const { input, items, figures: file, inputFormat: format, encoding } = given;
  const reading = {
    ...(format && { format }),
    ...(encoding && { encoding }),
    ...(given.sheet !== undefined && { sheet: given.sheet }),
    ...(given.skipRows !== undefined && { skipRows: given.skipRows }),
  };
  if (input !== undefined && items !== undefined) throw new UsageError('Give --input or --items, not both.');
  const figures = file === undefined ? {} : readObject(file);
  if (name === undefined) {
    if (file === undefined) throw new UsageError('Name a workload, or give --figures <file>.');
    const { items: counted, sourceBytes } = input ? (await knownInput(input, reading)).facts : { items };
    return {
      ...figures,
      ...(counted !== undefined && { items: counted }),
      ...(sourceBytes !== undefined && { sourceBytes }),
    };
  }
  const [{ planOf }, workload] = await Promise.all([import('../../workloads/plan-of.ts'), lookUp(name)]);
  const config = readConfig(workload, given.config);
  const paths = input ?? (items === undefined && config.input !== undefined ? [config.input] : undefined);
  const known = paths ? await knownInput(paths, reading, workload) : undefined;
  const facts = factsOf(known, items ?? figures.items);
  const parsed = checked(
    workload.options,
    jobOptions({ ...known?.options, ...config.options }, given.set ?? []),
  );
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new UsageError(`Options of ${name}: ${problems.join('; ')}.`);
  }
  const { expect } = config;
  const earlier = given.earlierRuns ? await earlierRuns(name, given, noteTo(process.stderr)) : undefined;
  return {
    ...planOf(workload, parsed.data, {
      ...facts,
      ...(expect !== undefined && { expect }),
      ...(earlier && { earlier }),
    }),
    machine: { processors: availableParallelism() },
    ...figures,
  };
}

const noteTo = (stream: NodeJS.WritableStream) => (line: string) => void stream.write(`${line}\n`);

function factsOf(known: KnownInput | undefined, items: unknown): RunFacts {
  if (known) return known.facts;
  if (typeof items === 'number') return { items };
  throw new UsageError('How many items are there? Give --input <path...> or --items <n>.');
}

/** The workload, with its accounts' limits from the environment. */
async function lookUp(name: string): Promise<Workload> {
  const all = await workloadsHere();
  const found = all.find((one) => one.name === name);
  if (found) return found;
  throw new UsageError(
    unknownName(
      'workload',
      name,
      all.map((one) => one.name),
    ),
  );
}

/** Throws a {@link UsageError} if the environment's account settings are invalid. */
async function workloadsHere(): Promise<Workload[]> {
  // Loaded late, so that help and usage errors appear at once.
  const [{ workloadsToLookAt }, { upstreamsOf }, { accountVariables, openAccounts }] = await Promise.all([
    import('../../workloads/describe.ts'),
    import('../../workloads/variables.ts'),
    import('../../core/http/accounts.ts'),
  ]);
  // A forecast needs no keys, because it calls no API.
  const env = { ...process.env, SPILLWAY_SANDBOX_URL: 'http://127.0.0.1' };
  try {
    const all = workloadsToLookAt({ accounts: openAccounts(env), downloads: { allowHttp: true } });
    readVariables(accountVariables(upstreamsOf(all)), env);
    return all;
  } catch (error) {
    if (error instanceof SpillwayError) throw new UsageError(`${error.message}.`);
    throw error;
  }
}
