/**
 * JavaScript lists the properties of an object in the order in which they were added, except for names such as `2019`,
 * which always come first. Where that would move a column, or where a table's cells had types, the object has a
 * shape: an extra property that holds both. Its key is a symbol, so it is no column, and `{ ...row, more }` copies it.
 */

/** Names in their order, and what kind of cell each value came from. */
export interface Shape {
  readonly columns: readonly string[];
  /** A letter for each column. Default: all are what their values are. */
  readonly types?: string;
}

/** An object with its values by name. */
export type Named = Record<string, unknown>;

const shapeKey: unique symbol = Symbol.for('spillway.shape');

type Shaped = { [shapeKey]?: Shape };

export const shapeOf = (object: object): Shape | undefined => (object as Shaped)[shapeKey];

/** Gives an object a shape. */
export function withShape<T extends object>(object: T, shape: Shape): T {
  (object as Shaped)[shapeKey] = shape;
  return object;
}

/** The same values without a shape. */
export function withoutShape<T extends object>(object: T): T {
  if (!shapeOf(object)) return object;
  return Object.fromEntries(Object.entries(object)) as T;
}

/** JavaScript lists these before all others (ECMA-262, OrdinaryOwnPropertyKeys). */
export const isIndex = (name: string) => /^(?:0|[1-9]\d{0,9})$/.test(name);

/** An object's names in their order: those of its shape, then those that were added since. */
export function namesOf(object: object): readonly string[] {
  const names = Object.keys(object);
  const columns = shapeOf(object)?.columns;
  if (!columns) return names;
  const kept = columns.filter((name) => Object.hasOwn(object, name));
  if (kept.length === names.length) return kept.length === columns.length ? columns : kept;
  const places = placesIn(columns);
  return [...kept, ...names.filter((name) => !places.has(name))];
}

/** An object's own value: names such as `constructor` would otherwise find what every object inherits. */
export function valueIn(object: Named, name: string): unknown {
  const value = object[name];
  if (value === undefined || typeof value === 'string' || Object.hasOwn(object, name)) return value;
  return undefined;
}

/** The types of an object's columns in the given order; undefined if it has none. */
export function typesOf(object: object, columns: readonly string[]): string | undefined {
  const shape = shapeOf(object);
  const { types } = shape ?? {};
  if (!shape || types === undefined) return undefined;
  if (columns === shape.columns) return types;
  const places = placesIn(shape.columns);
  return columns.map((name) => types[places.get(name) ?? -1] ?? anyType).join('');
}

const known = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** Rows of a table share their columns, so this is built once. */
function placesIn(columns: readonly string[]): ReadonlyMap<string, number> {
  const places = known.get(columns) ?? new Map(columns.map((name, place) => [name, place]));
  known.set(columns, places);
  return places;
}

/** The type of a column whose values are what they are. */
export const anyType = '.';

/** Makes objects with the same names in the same order. */
export type Maker = (values: readonly unknown[], types?: string) => Named;

/** `first`: where an object's values begin in the list. Missing values become `missing`. */
export function makerOf(names: readonly string[], missing: unknown, first = 0): Maker {
  const shapes = new Map<string | undefined, Shape>();
  const shape = (types: string | undefined): Shape => {
    const known = shapes.get(types);
    if (known) return known;
    const made: Shape = { columns: names, ...(types !== undefined && { types }) };
    shapes.set(types, made);
    return made;
  };
  const ordered = names.some(isIndex);
  // Assigning to this name would set the prototype.
  const hostile = names.includes('__proto__');
  const objectOf = hostile ? fromValues(names, missing, first) : literal(names, missing, first);
  if (ordered) return (values, types) => withShape(objectOf(values), shape(types));
  return (values, types) =>
    types === undefined ? objectOf(values) : withShape(objectOf(values), shape(types));
}

function fromValues(names: readonly string[], missing: unknown, first: number) {
  return (values: readonly unknown[]): Named =>
    Object.fromEntries(
      names.map((name, at) => [name, values[at + first] === undefined ? missing : values[at + first]]),
    );
}

function literal(names: readonly string[], missing: unknown, first: number) {
  return (values: readonly unknown[]): Named => {
    const object: Named = {};
    for (let at = 0; at < names.length; at += 1) {
      const value = values[at + first];
      object[names[at] ?? ''] = value === undefined ? missing : value;
    }
    return object;
  };
}

/** An object of these members, in their order. The last of several with the same name counts. */
export function fromMembers(members: readonly (readonly [string, unknown])[]): Named {
  const object: Named = Object.fromEntries(members);
  if (!members.some(([name]) => isIndex(name))) return object;
  return withShape(object, { columns: [...new Set(members.map(([name]) => name))] });
}

/** An object with further members after its own. Where it has one of that name already, only the value changes. */
export function extended(object: Named, members: readonly (readonly [string, unknown])[]): Named {
  const all = Object.fromEntries([...Object.entries(object), ...members]);
  const names = [...new Set([...namesOf(object), ...members.map(([name]) => name)])];
  const types = typesOf(object, names);
  if (types !== undefined) return withShape(all, { columns: names, types });
  return names.some(isIndex) ? withShape(all, { columns: names }) : all;
}
