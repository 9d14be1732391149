import { anyType, makerOf, type Named, namesOf, shapeOf, typesOf } from '../../json/shape.ts';
import { isExotic, parseJson, toJson } from '../../json/text.ts';

/**
 * JSON Lines for many similar objects. A head line holds what they share. Each line below it is an array of two numbers
 * and the values of one object's fields: half the bytes, and half the time to write and read, of objects that repeat
 * every name. An object that differs is written as it is, on its own line.
 */

/** The content of a packed line: two numbers and the fields of an object. */
export interface Packed {
  readonly a: number;
  readonly b: number;
  readonly fields: Readonly<Named>;
}

/** A head line. Only these have `columns`. */
type Head<Shared> = {
  columns: readonly string[];
  /** Each line has the types of its fields after the two numbers. */
  typed?: true;
  /** The lines below hold values that need `parseJson`, which takes longer. */
  exotic?: true;
} & Shared;

/**
 * Writes `values` as lines. `pack` returns a value's numbers and fields, or undefined if the value holds more than
 * those and `shared`. Such a value is written as it is, so it must not be an array or have `columns`.
 */
export function toLines<T extends object>(
  values: readonly T[],
  shared: object,
  pack: (value: T) => Packed | undefined,
): Buffer {
  let head: Pick<Head<object>, 'columns' | 'typed'> | undefined;
  let exotic = false;
  let lines = '';
  for (const value of values) {
    const packed = pack(value);
    if (packed) head ??= headOf(packed.fields);
    const cells = packed && head && cellsOf(packed, head);
    const special = isExotic(cells ?? value);
    exotic ||= special;
    lines += special ? toJson(cells ?? value) : JSON.stringify(cells ?? value);
    lines += '\n';
  }
  const first = head ? `${JSON.stringify({ ...head, ...(exotic && { exotic }), ...shared })}\n` : '';
  // Encode once, here: signing, checksumming and sending a string would each encode it again.
  return Buffer.from(first + lines);
}

function headOf(fields: Readonly<Named>): Pick<Head<object>, 'columns' | 'typed'> {
  return { columns: namesOf(fields), ...(shapeOf(fields)?.types !== undefined && { typed: true }) };
}

/** Reads what {@link toLines} wrote. `unpack` reverses `pack`. */
export function fromLines<T, Shared extends object>(
  body: Buffer,
  unpack: (a: number, b: number, fields: Named, shared: Shared) => T,
): T[] {
  const text = body.toString('utf8').trimEnd();
  const end = text.indexOf('\n');
  const head: unknown = text === '' ? undefined : parseJson(end < 0 ? text : text.slice(0, end));
  const packed = isHead<Shared>(head);
  // JSON text on a line contains no line breaks, so one parse can take all lines. That is faster than one per line.
  const all = `[${text.replaceAll('\n', ',')}]`;
  const lines = (packed && !head.exotic ? JSON.parse(all) : parseJson(all)) as unknown[];
  if (!packed) return lines as T[];
  const { columns, typed } = head;
  const fieldsOf = makerOf(columns, undefined, typed ? 3 : 2);
  const values = new Array<T>(lines.length - 1);
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at];
    values[at - 1] = Array.isArray(line)
      ? unpack(line[0], line[1], fieldsOf(line, typed && line[2]), head)
      : (line as T);
  }
  return values;
}

function isHead<Shared>(line: unknown): line is Head<Shared> {
  return typeof line === 'object' && line !== null && 'columns' in line;
}

/** Undefined if the object has other fields, another order, or an undefined value. */
function cellsOf({ a, b, fields }: Packed, { columns, typed }: Pick<Head<object>, 'columns' | 'typed'>) {
  const cells: unknown[] = [a, b];
  const shape = shapeOf(fields);
  if (shape || typed) {
    const names = namesOf(fields);
    if (names !== columns && names.join('\0') !== columns.join('\0')) return undefined;
    const types = typesOf(fields, columns);
    if (types !== undefined && !typed) return undefined;
    if (typed) cells.push(types ?? anyType.repeat(columns.length));
    for (const name of columns) cells.push(fields[name]);
    return cells.includes(undefined) ? undefined : cells;
  }
  for (const name in fields) {
    const value = fields[name];
    if (name !== columns[cells.length - 2] || value === undefined) return undefined;
    cells.push(value);
  }
  return cells.length === columns.length + 2 ? cells : undefined;
}
