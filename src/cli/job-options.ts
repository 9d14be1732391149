import { readFileSync } from 'node:fs';
import { reasonOf } from '../client/reason.ts';
import { UsageError } from './usage-error.ts';

/**
 * A workload's options: those given, then each `name=value` on top. A value is taken for JSON where it is any
 * (`5`, `true`, `["a"]`), and for text otherwise. Sorted by name: the
 * order in which they are given means nothing. Throws a {@link UsageError}.
 */
export function jobOptions(
  given: Readonly<Record<string, unknown>>,
  settings: readonly string[],
): Record<string, unknown> {
  const all = { ...given, ...Object.fromEntries(settings.map(setting)) };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads a file that holds one JSON object. Throws a {@link UsageError}. */
export function readObject(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON: ${reasonOf(error)}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${file} must be a JSON object.`);
}

function setting(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--set takes name=value, but got '${text}'.`);
  return [text.slice(0, at), parsed(text.slice(at + 1))];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
