import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { JobOutput } from '../client/contract.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { type Format, formatOfName } from '../core/formats/format.ts';
import type { RunConfig, Workload } from '../core/jobs/workload.ts';
import { parseJson } from '../core/json/text.ts';
import { inputFile, inputFiles } from './input-files.ts';
import type { FileOptions } from './options.ts';
import { plainReason } from './plain-reason.ts';
import type { Reading, RunRequest } from './submit-run.ts';
import { checkTarget, targetOf } from './target.ts';
import { UsageError } from './usage-error.ts';

/**
 * The contents of `--config`, read by the workload if it is known here. Its input is relative to the file. Throws a
 * {@link UsageError}.
 */
export function readConfig(workload: Workload | undefined, file: string | undefined): RunConfig {
  if (file === undefined) return { options: {} };
  const given = readObject(file);
  try {
    const { input, ...config } = workload?.configFile?.read(given) ?? { options: given };
    return { ...config, ...(input !== undefined && { input: besideConfig(file, input) }) };
  } catch (error) {
    if (error instanceof SpillwayError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** A file that is not beside the configuration may be in the working directory, where it was looked for before. */
function besideConfig(config: string, input: string): string {
  if (isAbsolute(input) || input === '-') return input;
  const beside = join(dirname(config), input);
  return existsSync(beside) || !existsSync(input) ? beside : input;
}

/** Uses commander's wording for a missing required option. */
export function required(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new UsageError(`required option '${option}' not specified, nor does --config say it`);
}

/**
 * Checks everything that needs no service. `known`: the workload, if this command has it too. Throws a {@link
 * UsageError}.
 */
export function runRequest(
  workload: string,
  known: Workload | undefined,
  options: FileOptions,
  config: RunConfig,
  output: JobOutput,
): RunRequest {
  const paths = inputsOf(options, config);
  const input =
    known?.items === 'files'
      ? inputFiles(paths).slice(0, options.limit)
      : inputFile(onlyOne(paths, workload), options.inputFormat);
  const given = jobOptions(config.options, options.set ?? []);
  return {
    workload,
    options: given,
    decisive: known?.decisiveOptions?.(given) ?? given,
    input,
    reading: readingOf(options),
    output: {
      ...output,
      ...(options.csvBom && { bom: true }),
      ...(options.escapeFormulas && { escapeFormulas: true }),
    },
    dataDir: options.dataDir,
    again: options.again ?? false,
    ...(options.maxWorkers !== undefined && { maxWorkers: options.maxWorkers }),
  };
}

/** How to read a file of rows, as a request says it. */
function readingOf({ inputFormat, encoding, sheet, skipRows, map, limit }: FileOptions): Reading {
  return {
    ...(inputFormat && { format: inputFormat }),
    ...(encoding && { encoding }),
    ...(sheet !== undefined && { sheet }),
    ...(skipRows && { skipRows }),
    ...(map && { map: Object.fromEntries(map.map(mapping)) }),
    ...(limit !== undefined && { limit }),
  };
}

function mapping(text: string): [string, string] {
  const at = text.indexOf('=');
  const [column, header] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || header === '') throw new UsageError(`--map takes column="Header", but got '${text}'.`);
  return [column, header];
}

/** The inputs to process. Throws a {@link UsageError} if neither the command nor its configuration names one. */
export function inputsOf({ input }: FileOptions, config: RunConfig): string[] {
  return input ?? [required('--input <path...>', config.input)];
}

function onlyOne(inputs: readonly string[], workload: string): string {
  const [input = '', ...others] = inputs;
  if (others.length > 0)
    throw new UsageError(`${workload} takes one file of rows, but got ${inputs.length}.`);
  return input;
}

/** The format of an output, from its name. Checks that it can be written. Throws a {@link UsageError}. */
export function outputOf(output: string, inputs: readonly string[], format: Format | undefined): JobOutput {
  checkTarget(output, inputs);
  // Devices and pipes seldom have a name that tells.
  const found = format ?? formatOfName(output) ?? (targetOf(output).kind === 'file' ? undefined : 'csv');
  if (found === undefined)
    throw new UsageError(
      `The format of ${output} is not clear: end its name in .csv, .jsonl, .json or .xlsx, or give --format.`,
    );
  const gzip = output.toLowerCase().endsWith('.gz');
  if (gzip && found === 'xlsx') throw new UsageError(xlsxIsCompressed);
  return { format: found, gzip };
}

/** The format of an earlier output that results are merged into. Throws a {@link UsageError}. */
export function mergedType(into: string, format: Format | undefined): JobOutput {
  const { kind, path } = targetOf(into);
  if (kind !== 'file' || !existsSync(path)) throw new UsageError(`There is no output ${into} to merge into.`);
  return outputOf(into, [], format);
}

export const xlsxIsCompressed = 'XLSX is already compressed: leave gzip out.';

/**
 * A workload's options: the given options, overridden by each `name=value`, or `name=@file` for the content of a file.
 * A value that parses as JSON (`5`, `true`, `["a"]`) is JSON, any other is text. Sorted by name, because their order means nothing. Throws a
 * {@link UsageError}.
 */
export function jobOptions(
  given: Readonly<Record<string, unknown>>,
  settings: readonly string[],
): Record<string, unknown> {
  const all = { ...given, ...Object.fromEntries(settings.map(setting)) };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads a file with one JSON object. Throws a {@link UsageError}. */
export function readObject(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON: ${plainReason(error)}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${file} must be a JSON object.`);
}

function setting(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--set takes name=value, but got '${text}'.`);
  const value = text.slice(at + 1);
  return [text.slice(0, at), parsed(value.startsWith('@') ? contentOf(value.slice(1)) : value)];
}

/** A file's text without the byte order mark and the row end that editors add. Throws a {@link UsageError}. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
      .replace(/^\ufeff/, '')
      .replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(`--set cannot read ${file}: ${plainReason(error)}`);
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
