import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Encoding, encodingOf } from '../core/formats/encoding.ts';
import { formats } from '../core/formats/format.ts';

/** A parser of whole numbers in a range. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Adds what every command takes that speaks to a service. */
export function withConnection(command: Command): Command {
  return command
    .option('--endpoint <url>', 'a running service (default: SPILLWAY_ENDPOINT, or none)')
    .option('--api-key <key>', 'your key for that service (default: SPILLWAY_API_KEY)')
    .option('--data-dir <path>', 'where the service on this machine keeps its data', '.spillway')
    .option('--verbose', 'shows what the service on this machine logs');
}

/** One of the formats that files have. */
export function formatOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(formats);
}

/** A parser of labels such as `latin1`. */
export function encodingLabel(text: string): Encoding {
  const encoding = encodingOf(text);
  if (encoding) return encoding;
  throw new InvalidArgumentError('It must be an encoding such as windows-1252, iso-8859-15 or utf-16le.');
}
