import { SpillwayError } from '../../core/engine/errors.ts';
import { JsonNumber } from '../../core/json/number.ts';
import { callErrors } from './call-errors.ts';

/** A place in a JSON value: member names and list indices, from the outside in. */
export type Path = readonly (string | number)[];

/** A name, an index such as `[0]`, or a name in brackets and quotes if it has other characters. */
const step = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;

/**
 * Reads a path such as `recommendations[0].name`, `meta["card.id"]` or, with a root in front, `$.user.id`.
 * Throws `PATH_INVALID`, quoting it.
 */
export function parsePath(text: string): Path {
  const invalid = (why: string) =>
    new SpillwayError(callErrors.PATH_INVALID, `"${text}" is not a path: ${why}`);
  const source = text.replace(/^\$(?=\.|\[)/, '').replace(/^\./, '');
  if (source === '') throw invalid('it is empty');
  const path: (string | number)[] = [];
  step.lastIndex = 0;
  while (step.lastIndex < source.length) {
    const at = step.lastIndex;
    const found = step.exec(source);
    if (!found) throw invalid(`it is not clear at ${source.slice(at, at + 20)}`);
    const [, name, index, quoted] = found;
    if (index !== undefined) path.push(Number(index));
    else path.push(name ?? (JSON.parse(`"${quoted}"`) as string));
  }
  return path;
}

/** The value at a path; undefined if there is none. Inherited members do not count. */
export function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const one of path) {
    if (typeof found !== 'object' || found === null || found instanceof JsonNumber) return undefined;
    if (Array.isArray(found) !== (typeof one === 'number')) return undefined;
    if (!Object.hasOwn(found, one)) return undefined;
    found = (found as Record<string | number, unknown>)[one];
  }
  return found;
}
