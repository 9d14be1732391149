/**
 * JSON Lines for many similar objects. A head line holds what they share. Each line below it is an array of two numbers
 * and the values of one object's fields: half the bytes, and half the time to write and read, of objects that repeat
 * every name. An object that differs is written as it is, on its own line.
 */

/** The content of a packed line: two numbers and the fields of an object. */
export interface Packed {
  readonly a: number;
  readonly b: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A head line. Only these have `columns`. */
type Head<Shared> = { columns: string[] } & Shared;

/**
 * Writes `values` as lines. `pack` returns a value's numbers and fields, or undefined if the value holds more than
 * those and `shared`. Such a value is written as it is, so it must not be an array or have `columns`.
 */
export function toLines<T extends object>(
  values: readonly T[],
  shared: object,
  pack: (value: T) => Packed | undefined,
): Buffer {
  let columns: string[] | undefined;
  let head = '';
  let lines = '';
  for (const value of values) {
    const packed = pack(value);
    if (packed && columns === undefined) {
      columns = Object.keys(packed.fields);
      head = `${JSON.stringify({ columns, ...shared })}\n`;
    }
    const cells = packed && columns && cellsOf(packed, columns);
    lines += JSON.stringify(cells ?? value);
    lines += '\n';
  }
  // Encode once, here: signing, checksumming and sending a string would each encode it again.
  return Buffer.from(head + lines);
}

/** Reads what {@link toLines} wrote. `unpack` reverses `pack`. */
export function fromLines<T, Shared extends object>(
  body: Buffer,
  unpack: (a: number, b: number, fields: Record<string, unknown>, shared: Shared) => T,
): T[] {
  // JSON text on a line contains no line breaks, so one parse can take all lines. That is faster than one per line.
  const lines: unknown[] = JSON.parse(`[${body.toString('utf8').trimEnd().replaceAll('\n', ',')}]`);
  const [head] = lines;
  if (!isHead<Shared>(head)) return lines as T[];
  const { columns } = head;
  const values = new Array<T>(lines.length - 1);
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at];
    values[at - 1] = Array.isArray(line)
      ? unpack(line[0], line[1], fieldsOf(line, columns), head)
      : (line as T);
  }
  return values;
}

function isHead<Shared>(line: unknown): line is Head<Shared> {
  return typeof line === 'object' && line !== null && 'columns' in line;
}

/** Undefined if the object has other fields, another order, an undefined value, or a field that sets a prototype. */
function cellsOf({ a, b, fields }: Packed, columns: readonly string[]): unknown[] | undefined {
  const cells: unknown[] = [a, b];
  for (const name in fields) {
    const value = fields[name];
    const fits = name === columns[cells.length - 2] && value !== undefined && name !== '__proto__';
    if (!fits) return undefined;
    cells.push(value);
  }
  return cells.length === columns.length + 2 ? cells : undefined;
}

function fieldsOf(cells: readonly unknown[], columns: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (let at = 0; at < columns.length; at += 1) fields[columns[at] ?? ''] = cells[at + 2];
  return fields;
}
