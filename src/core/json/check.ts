import type { ZodSafeParseResult, ZodType } from 'zod';
import { fitsDouble, JsonNumber } from './number.ts';
import { isIndex, type Named, namesOf, shapeOf, withoutShape, withShape } from './shape.ts';

type Params = Parameters<ZodType['safeParse']>[1];

/**
 * Checks a value that came from {@link parseJson} or from a file. Where the schema only lets a value pass, its numbers
 * keep their text; where it wants a number, it gets a plain one, or refuses one that a double cannot hold. A row that
 * the schema copied gets the order of its columns back: `z.looseObject` puts those that it names first.
 */
export function checked<T>(schema: ZodType<T>, given: unknown, params?: Params): ZodSafeParseResult<T> {
  const bare = isObject(given) ? withoutShape(given) : given;
  for (let value = bare; ; ) {
    const result = schema.safeParse(value, params);
    // Most rows pass through unchanged, in the same object.
    if (result.success && result.data === bare) return { success: true, data: given as T };
    if (result.success) return { success: true, data: inOrderOf(given, result.data) };
    const plainer = result.error.issues.reduce((now, { path }) => plainAt(now, path), value);
    if (plainer === value) return result;
    value = plainer;
  }
}

/** The value with everything at this path, or the nearest that exists, made plain; itself if it is plain already. */
function plainAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof step === 'symbol' || !isObject(value) || !Object.hasOwn(value, step)) {
    return plain(value);
  }
  const member = (value as Named)[String(step)];
  const changed = plainAt(member, rest);
  if (changed === member) return value;
  if (Array.isArray(value)) return value.with(Number(step), changed);
  return { ...value, [step]: changed };
}

/** Without shapes, and with plain numbers for all that a double can hold. */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (value instanceof JsonNumber) return fitsDouble(value) ? value.valueOf() : value;
  if (Array.isArray(value)) {
    const members = value.map(plain);
    return members.some((member, at) => member !== value[at]) ? members : value;
  }
  const members = Object.entries(value).map(([name, member]) => [name, plain(member)] as const);
  const same = !shapeOf(value) && members.every(([name, member]) => (value as Named)[name] === member);
  return same ? value : Object.fromEntries(members);
}

/** `data` with the names that `given` has too in the order of `given`, and the others after them. */
function inOrderOf<T>(given: unknown, data: T): T {
  if (!isObject(given) || !isObject(data) || Object.getPrototypeOf(data) !== Object.prototype) return data;
  const names = namesOf(given);
  const shape = shapeOf(given);
  const had = Object.keys(data);
  if (!shape && had.every((name, at) => name === names[at])) return data;
  const known = new Set(names);
  const wanted = [
    ...names.filter((name) => Object.hasOwn(data, name)),
    ...had.filter((name) => !known.has(name)),
  ];
  const copy = Object.fromEntries(wanted.map((name) => [name, (data as Named)[name]])) as T & object;
  if (shape) return withShape(copy, shape);
  return wanted.some(isIndex) ? withShape(copy, { columns: wanted }) : copy;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
