import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Encoding, encodingOf } from '../core/formats/encoding.ts';
import { type Format, formats } from '../core/formats/format.ts';
import type { ConnectionOptions } from './connection-options.ts';

/** A parser of whole numbers in a range. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Adds the options of every command that talks to a service. */
export function withConnection(command: Command): Command {
  return command
    .option('--endpoint <url>', 'a running service (default: SPILLWAY_ENDPOINT, or none)')
    .option('--api-key <key>', 'your key for that service (default: SPILLWAY_API_KEY)')
    .option('--data-dir <path>', 'where the service on this machine keeps its data', '.spillway')
    .option('--verbose', 'shows what the service on this machine logs');
}

/** An option for one of the file formats. */
export function formatOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(formats);
}

/** A parser of labels such as `latin1`. */
export function encodingLabel(text: string): Encoding {
  const encoding = encodingOf(text);
  if (encoding) return encoding;
  throw new InvalidArgumentError(
    'It must be an encoding such as windows-1252, shift_jis, gbk, euc-kr or utf-16le.',
  );
}

/** The options of commands that submit a file. */
export interface FileOptions extends ConnectionOptions {
  input?: string[];
  config?: string;
  set?: string[];
  inputFormat?: Format;
  encoding?: Encoding;
  sheet?: string;
  skipRows?: number;
  map?: string[];
  limit?: number;
  format?: Format;
  csvBom?: boolean;
  escapeFormulas?: boolean;
  again?: boolean;
}

/** The options that come first in the help: every user needs them. */
export function withInput(command: Command): Command {
  return command
    .argument('<workload>', 'what to do with each row, or each file')
    .option(
      '--input <path...>',
      'the rows to process: CSV, JSON Lines or JSON, each also as .gz, or XLSX; - is standard input; files and folders if those are the items',
    );
}

/** The other options of both commands that submit a file. */
export function withFile(command: Command): Command {
  command
    .option(
      '--set <name=value>',
      "one of the workload's options; name=@file takes the value from a file; may be repeated",
      collect,
    )
    .option(
      '--config <file>',
      "the workload's options, as a JSON object; --set overrides it; it may also name the files",
    )
    .option('--again', 'start a new job even if there is one for the same file and options')
    .addOption(formatOption('--format <format>', 'format of the output, if its name does not show it'))
    .option('--csv-bom', 'begins CSV with a byte order mark, so that Excel recognizes UTF-8')
    .option('--escape-formulas', "puts ' before texts in CSV that a spreadsheet would run as formulas")
    .option('--limit <n>', 'processes only the first n rows or files: a trial', wholeNumber(1, 1_000_000_000))
    .option(
      '--map <column="Header">',
      'the column of the input that the workload takes for one of its own; may be repeated',
      collect,
    );
  withReading(command).option(
    '--max-workers <n>',
    'slices that run at the same time (default: one per CPU, or what the service has)',
    wholeNumber(1, 1_000),
  );
  return withConnection(command);
}

/** Options for reading an input that does not show its own format. */
export function withReading(command: Command): Command {
  return command
    .addOption(
      formatOption('--input-format <format>', 'format of the input, if neither name nor content shows it'),
    )
    .option(
      '--encoding <label>',
      'encoding of a text input that is not UTF-8, such as windows-1252 or shift_jis',
      encodingLabel,
    )
    .option('--sheet <name|n>', 'sheet of a workbook, by name or by number from 1 (default: the first one)')
    .option('--skip-rows <n>', 'rows above the header', wholeNumber(0, 1_000));
}

/** Collects the values of a repeatable option. */
export const collect = (value: string, before: string[] = []) => [...before, value];
