/** A value in a document: a variable by name, or a literal. */
export type Value =
  | { kind: 'variable'; name: string }
  | { kind: 'literal'; value: unknown }
  | { kind: 'list'; values: Value[] }
  | { kind: 'object'; fields: Record<string, Value> };

export interface Field {
  /** What it is called in the answer. */
  alias: string;
  name: string;
  args: Record<string, Value>;
  /** Undefined for a scalar. */
  selection: Field[] | undefined;
}

export interface Operation {
  type: 'query' | 'mutation';
  fields: Field[];
}

/** The document is not in the part of GraphQL that is understood here. */
export class GraphqlError extends Error {}

const token = /[A-Za-z_]\w*|\$[A-Za-z_]\w*|"(?:\\.|[^"\\\n])*"|-?\d+(?:\.\d+)?|\.\.\.|[{}()[\]:!=@]/y;
const ignored = /(?:[\s,\uFEFF]|#[^\n]*)*/y;

/**
 * Reads one operation: fields with aliases, arguments and selections. Variables need not be declared. Throws
 * GraphqlError for fragments, directives, and what is no GraphQL.
 */
export function parseOperation(document: string): Operation {
  const tokens = tokenize(document);
  let place = 0;
  const peek = () => tokens[place] ?? 'end of document';
  const next = () => {
    const current = peek();
    place += 1;
    return current;
  };
  const expect = (wanted: string) => {
    const found = next();
    if (found !== wanted) throw new GraphqlError(`syntax error, unexpected ${found}, expecting ${wanted}`);
  };

  function skipParentheses(): void {
    let depth = 0;
    do {
      const found = next();
      if (found === '(') depth += 1;
      if (found === ')') depth -= 1;
      if (found === 'end of document') throw new GraphqlError('syntax error, unexpected end of document');
    } while (depth > 0);
  }

  function name(): string {
    const found = next();
    if (!/^[A-Za-z_]/.test(found) || found === 'end of document') {
      throw new GraphqlError(`syntax error, unexpected ${found}, expecting a name`);
    }
    return found;
  }

  function value(): Value {
    const found = next();
    if (found.startsWith('$')) return { kind: 'variable', name: found.slice(1) };
    if (found === '[') return { kind: 'list', values: until(']', value) };
    if (found === '{') return { kind: 'object', fields: Object.fromEntries(until('}', entry)) };
    if (/^["\d-]/.test(found)) return { kind: 'literal', value: JSON.parse(found) };
    const words: Record<string, unknown> = { true: true, false: false, null: null };
    if (!/^[A-Za-z_]/.test(found)) throw new GraphqlError(`syntax error, unexpected ${found}`);
    return { kind: 'literal', value: found in words ? words[found] : found };
  }

  function entry(): [string, Value] {
    const key = name();
    expect(':');
    return [key, value()];
  }

  function until<T>(end: string, read: () => T): T[] {
    const list: T[] = [];
    while (peek() !== end) list.push(read());
    next();
    return list;
  }

  function field(): Field {
    const first = name();
    let own = first;
    if (peek() === ':') {
      next();
      own = name();
    }
    const args = peek() === '(' ? parenthesized() : {};
    return { alias: first, name: own, args, selection: peek() === '{' ? selection() : undefined };
  }

  function parenthesized(): Record<string, Value> {
    expect('(');
    return Object.fromEntries(until(')', entry));
  }

  function selection(): Field[] {
    expect('{');
    return until('}', field);
  }

  const type = peek() === 'mutation' ? 'mutation' : 'query';
  if (peek() !== '{') {
    if (next() !== type) throw new GraphqlError('Only queries and mutations are understood here');
    if (peek() !== '(' && peek() !== '{') name();
    if (peek() === '(') skipParentheses();
  }
  const fields = selection();
  if (place < tokens.length) throw new GraphqlError('Only one operation is understood here');
  return { type, fields };
}

function tokenize(document: string): string[] {
  const tokens: string[] = [];
  let place = 0;
  for (;;) {
    ignored.lastIndex = place;
    place += ignored.exec(document)?.[0].length ?? 0;
    if (place >= document.length) return tokens;
    token.lastIndex = place;
    const found = token.exec(document)?.[0];
    if (found === undefined) throw new GraphqlError(`syntax error, unexpected ${document[place]}`);
    tokens.push(found);
    place += found.length;
  }
}

/** A value with the variables filled in; undefined where a variable is not given. */
export function resolve(value: Value | undefined, variables: Readonly<Record<string, unknown>>): unknown {
  switch (value?.kind) {
    case undefined:
      return undefined;
    case 'variable':
      return variables[value.name];
    case 'literal':
      return value.value;
    case 'list':
      return value.values.map((one) => resolve(one, variables));
    case 'object':
      return Object.fromEntries(
        Object.entries(value.fields).map(([name, one]) => [name, resolve(one, variables)]),
      );
  }
}

/** What of `value` is selected. Throws GraphqlError for a field that it does not have. */
export function project(value: unknown, selection: readonly Field[] | undefined, type: string): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((one) => project(one, selection, type));
  if (typeof value !== 'object') return value;
  if (selection === undefined) {
    throw new GraphqlError(`Field must have selections (field '${type}' returns an object)`);
  }
  const object: Record<string, unknown> = { ...value };
  return Object.fromEntries(
    selection.map((field) => {
      if (!Object.hasOwn(object, field.name)) {
        throw new GraphqlError(`Field '${field.name}' doesn't exist on '${type}'`);
      }
      return [field.alias, project(object[field.name], field.selection, field.name)];
    }),
  );
}
