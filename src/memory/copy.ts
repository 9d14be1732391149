import { JsonNumber } from '../core/json/number.ts';
import { shapeOf, withShape } from '../core/json/shape.ts';

/** A deep copy that keeps what JSON keeps in `parseJson`: the text of numbers and the order of names. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]));
  const shape = shapeOf(value);
  return (shape ? withShape(copy, shape) : copy) as T;
}
