import type { ZodSafeParseResult, ZodType } from 'zod';
import { fitsDouble, JsonNumber } from './number.ts';
import { isIndex, type Named, namesOf, shapeOf, withoutShape, withShape } from './shape.ts';

type Params = Parameters<ZodType['safeParse']>[1];

/**
 * Checks a value that came from `parseJson` or from a file. Where the schema only lets a value pass, its numbers keep
 * their text; where it wants a number, it gets a plain one, or refuses one that a double cannot hold. An object that the
 * schema copied gets its order back: `z.record` moves names such as `2019`, and `z.looseObject` those that it knows.
 */
export function checked<T>(schema: ZodType<T>, given: unknown, params?: Params): ZodSafeParseResult<T> {
  for (let value = given; ; ) {
    const result = schema.safeParse(value, params);
    // Most rows pass as they are.
    if (result.success && result.data === given) return result;
    if (result.success) return { success: true, data: inOrderOf(given, result.data) };
    const plainer = result.error.issues.reduce((now, { path }) => plainAt(now, path), value);
    if (plainer === value) {
      const issues = result.error.issues.map((issue) => ({
        ...issue,
        message: issue.message.replace(JsonNumber.name, unheld),
      }));
      result.error.issues.splice(0, issues.length, ...issues);
      return result;
    }
    value = plainer;
  }
}

/** What the user sent, in place of the name of our class. */
const unheld = 'a number with more digits or a larger exponent than can be calculated with';

/** The value with everything at this path, or the nearest that exists, made plain; itself if it is plain already. */
function plainAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const [step, ...rest] = path;
  // A record of texts refuses the name of the shape.
  if (typeof step === 'symbol') return isObject(value) ? withoutShape(value) : value;
  if (step === undefined || !isObject(value) || !Object.hasOwn(value, step)) return plain(value);
  const member = (value as Named)[String(step)];
  const changed = plainAt(member, rest);
  if (changed === member) return value;
  return Array.isArray(value) ? value.with(Number(step), changed) : { ...value, [step]: changed };
}

/** Without shapes, and with plain numbers for all that a double can hold. */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (value instanceof JsonNumber) return fitsDouble(value) ? value.valueOf() : value;
  if (Array.isArray(value)) {
    const elements = value.map(plain);
    return elements.some((element, at) => element !== value[at]) ? elements : value;
  }
  const members = Object.entries(value).map(([name, member]) => [name, plain(member)] as const);
  const same = !shapeOf(value) && members.every(([name, member]) => (value as Named)[name] === member);
  return same ? value : Object.fromEntries(members);
}

/** `data` with the names that `given` has too in the order of `given`, and the others after them, at every level. */
function inOrderOf<T>(given: unknown, data: T): T {
  if (Object.is(data, given) || !isObject(given) || !isObject(data) || shapeOf(data)) return data;
  if (Array.isArray(data)) {
    const elements = Array.isArray(given) ? data.map((element, at) => inOrderOf(given[at], element)) : data;
    return elements.some((element, at) => element !== data[at]) ? (elements as T) : data;
  }
  if (Object.getPrototypeOf(data) !== Object.prototype) return data;
  const shape = shapeOf(given);
  const had = Object.keys(data);
  const values = new Map(had.map((name) => [name, inOrderOf(own(given, name), own(data, name))]));
  const wanted = [...new Set([...namesOf(given).filter((name) => values.has(name)), ...had])];
  const same = had.every((name, at) => name === wanted[at] && values.get(name) === own(data, name));
  if (same && !shape) return data;
  const copy = Object.fromEntries(wanted.map((name) => [name, values.get(name)])) as T & object;
  if (shape) return withShape(copy, shape);
  return wanted.some(isIndex) ? withShape(copy, { columns: wanted }) : copy;
}

const own = (object: object, name: string) =>
  Object.hasOwn(object, name) ? (object as Named)[name] : undefined;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
