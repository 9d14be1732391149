import { mkdirSync } from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import type { JobOutput } from '../../client/contract.ts';
import { SpillwayError } from '../../core/engine/errors.ts';
import type { Encoding } from '../../core/formats/encoding.ts';
import { type Format, formatOfName } from '../../core/formats/format.ts';
import type { RunConfig } from '../../workloads/config-file.ts';
import { configFiles } from '../../workloads/config-files.ts';
import { workloadsOfFiles } from '../../workloads/of-files.ts';
import type { ConnectionOptions } from '../connection.ts';
import { inputFile } from '../input-file.ts';
import { inputFiles } from '../input-files.ts';
import { jobOptions, readObject } from '../job-options.ts';
import { encodingLabel, formatOption, wholeNumber, withConnection } from '../options.ts';
import type { RunRequest } from '../submit-run.ts';
import { UsageError } from '../usage-error.ts';

/** What the commands take that submit a file. */
export interface FileOptions extends ConnectionOptions {
  input?: string[];
  config?: string;
  set?: string[];
  inputFormat?: Format;
  encoding?: Encoding;
  format?: Format;
  again?: boolean;
}

/** What comes first, as the two that nobody can do without. */
export function withInput(command: Command): Command {
  return command
    .argument('<workload>', 'what to do with each row, or each file')
    .option(
      '--input <path...>',
      'the rows to process: CSV, JSON Lines or JSON, each also as .gz, or XLSX; files and folders if those are the items',
    );
}

/** The rest of what both commands take that submit a file. */
export function withFile(command: Command): Command {
  command
    .option('--set <name=value>', "one of the workload's options; may be repeated", collect)
    .option(
      '--config <file>',
      "the workload's options, as a JSON object; --set overrides it; it may also name the files",
    )
    .option('--again', 'start a new job even if there is one for the same file and options')
    .addOption(formatOption('--format <format>', 'format of the output, if its name does not show it'));
  withReading(command).option(
    '--max-workers <n>',
    'slices that run at the same time (default: one per CPU, or what the service has)',
    wholeNumber(1, 1_000),
  );
  return withConnection(command);
}

/** How an input is to be read where it does not tell itself. */
export function withReading(command: Command): Command {
  return command
    .addOption(
      formatOption('--input-format <format>', 'format of the input, if neither name nor content shows it'),
    )
    .option(
      '--encoding <label>',
      'encoding of a text input that is not UTF-8, such as windows-1252',
      encodingLabel,
    );
}

/** Of an option that may be repeated. */
export const collect = (value: string, before: string[] = []) => [...before, value];

/** What `--config` says, as far as its workload's files say more than the job's options. Throws a {@link UsageError}. */
export function readConfig(workload: string, file: string | undefined): RunConfig {
  if (file === undefined) return { options: {} };
  const given = readObject(file);
  try {
    return configFiles.get(workload)?.read(given) ?? { options: given };
  } catch (error) {
    if (error instanceof SpillwayError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** As commander says it of an option that is always needed. */
export function required(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new UsageError(`required option '${option}' not specified, nor does --config say it`);
}

/** Checks all that can be checked without a service. Throws a {@link UsageError}. */
export function runRequest(
  workload: string,
  options: FileOptions,
  config: RunConfig,
  output: JobOutput,
): RunRequest {
  const paths = inputsOf(options, config);
  const input = workloadsOfFiles.has(workload)
    ? inputFiles(paths)
    : inputFile(onlyOne(paths, workload), options.inputFormat);
  return {
    workload,
    options: jobOptions(config.options, options.set ?? []),
    input,
    ...(options.inputFormat && { inputFormat: options.inputFormat }),
    ...(options.encoding && { inputEncoding: options.encoding }),
    output,
    dataDir: options.dataDir,
    again: options.again ?? false,
    ...(options.maxWorkers !== undefined && { maxWorkers: options.maxWorkers }),
  };
}

/** What is to be worked through. Throws a {@link UsageError} where neither the command nor its configuration says it. */
export function inputsOf({ input }: FileOptions, config: RunConfig): string[] {
  return input ?? [required('--input <path...>', config.input)];
}

function onlyOne(inputs: readonly string[], workload: string): string {
  const [input = '', ...others] = inputs;
  if (others.length > 0)
    throw new UsageError(`${workload} takes one file of rows, but got ${inputs.length}.`);
  return input;
}

/** Names of the files that come with an output. */
const besideOutput = /^(errors\.\w+(\.gz)?|summary\.json)$/;

/** What an output file is to be, by its name. Throws a {@link UsageError}. */
export function outputOf(output: string, inputs: readonly string[], format: Format | undefined): JobOutput {
  const folder = resolve(dirname(output));
  if (inputs.some((input) => resolve(output) === resolve(input)))
    throw new UsageError('The output would replace the input.');
  if (inputs.some((input) => resolve(output).startsWith(resolve(input) + sep)))
    throw new UsageError(
      'The output is in the folder of the input, so the next run would read it: choose another folder.',
    );
  if (besideOutput.test(basename(output)))
    throw new UsageError(
      'This name is reserved for the file of failed rows, or for the summary: choose another output.',
    );
  if (inputs.some((input) => besideOutput.test(basename(input)) && resolve(dirname(input)) === folder))
    throw new UsageError(
      'Failed rows go into a file of this name beside the output, which would replace the input: put the output into another folder.',
    );
  const found = format ?? formatOfName(output);
  if (found === undefined)
    throw new UsageError(
      `The format of ${output} is not clear: end its name in .csv, .jsonl, .json or .xlsx, or give --format.`,
    );
  const gzip = output.toLowerCase().endsWith('.gz');
  if (gzip && found === 'xlsx') throw new UsageError(xlsxIsCompressed);
  try {
    mkdirSync(dirname(output), { recursive: true });
  } catch (error) {
    throw new UsageError(`The output cannot be written: ${error instanceof Error ? error.message : error}`);
  }
  return { format: found, gzip };
}

export const xlsxIsCompressed = 'XLSX is already compressed: leave gzip out.';
