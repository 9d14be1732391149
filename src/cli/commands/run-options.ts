import { mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Format, formatOfName } from '../../formats/format.ts';
import type { JobOutput } from '../../jobs/job.ts';
import { workloadsOfFiles } from '../../workloads/of-files.ts';
import type { ConnectionOptions } from '../connection.ts';
import { inputFile } from '../input-file.ts';
import { inputFiles } from '../input-files.ts';
import { jobOptions } from '../job-options.ts';
import { formatOption, wholeNumber, withConnection } from '../options.ts';
import type { RunRequest } from '../submit-run.ts';
import { UsageError } from '../usage-error.ts';

/** What the commands take that submit a file. */
export interface FileOptions extends ConnectionOptions {
  input: string[];
  config?: string;
  set?: string[];
  inputFormat?: Format;
  format?: Format;
  again?: boolean;
}

/** What comes first, as the two that nobody can do without. */
export function withInput(command: Command): Command {
  return command
    .argument('<workload>', 'what is done with each row, or each file')
    .requiredOption(
      '--input <path...>',
      'rows to work through: CSV, JSON Lines or JSON, each also as .gz, or XLSX; files and folders where those are the items',
    );
}

/** The rest of what both commands take that submit a file. */
export function withFile(command: Command): Command {
  command
    .option('--set <name=value>', "one of the workload's options; may be repeated", collect)
    .option('--config <file>', "the workload's options, as a JSON object; what --set says counts more")
    .option('--again', 'starts a new job although there is one for the same file and options')
    .addOption(formatOption('--format <format>', 'of the output, where its name does not tell'))
    .addOption(formatOption('--input-format <format>', 'of the input, where neither name nor content tells'))
    .option(
      '--max-workers <n>',
      'slices worked at a time (default: one per CPU, or what the service has)',
      wholeNumber(1, 1_000),
    );
  return withConnection(command);
}

const collect = (value: string, before: string[] = []) => [...before, value];

/** Checks all that can be checked without a service. Throws a {@link UsageError}. */
export function runRequest(workload: string, options: FileOptions, output: JobOutput): RunRequest {
  const input = workloadsOfFiles.has(workload)
    ? inputFiles(options.input)
    : inputFile(onlyOne(options.input, workload), options.inputFormat);
  return {
    workload,
    options: jobOptions(options.config, options.set ?? []),
    input,
    ...(options.inputFormat && { inputFormat: options.inputFormat }),
    output,
    dataDir: options.dataDir,
    again: options.again ?? false,
    ...(options.maxWorkers !== undefined && { maxWorkers: options.maxWorkers }),
  };
}

function onlyOne(inputs: readonly string[], workload: string): string {
  const [input = '', ...others] = inputs;
  if (others.length > 0)
    throw new UsageError(`${workload} takes one file of rows, but was given ${inputs.length}.`);
  return input;
}

/** What an output file is to be, by its name. Throws a {@link UsageError}. */
export function outputOf(output: string, inputs: readonly string[], format: Format | undefined): JobOutput {
  if (inputs.some((input) => resolve(output) === resolve(input)))
    throw new UsageError('The output would replace the input.');
  if (/^errors\.\w+(\.gz)?$/.test(basename(output)))
    throw new UsageError('That name is taken by the file of the rows that failed: choose another output.');
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

export const xlsxIsCompressed = 'XLSX is compressed by itself: leave the gzip away.';
