import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { errorGroups } from '../../scripts/docs/error-groups.ts';
import { errorsPage } from '../../scripts/docs/errors-page.ts';

const root = resolve(import.meta.dirname, '../..');
const code = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;
/** What other people's APIs answer with; and what a description of ours lists. */
const notOurs = ['src/stand-ins/', 'handlers/openapi/'];

const declarations = errorGroups.flatMap((group) => group.declarations);
const declared = new Set(declarations.flatMap((one) => Object.keys(one)));

/** Codes that a source names, and how. */
interface Codes {
  /** Keys of calls of `defineErrors`. */
  declared: Set<string>;
  /** Literals that an error, or a `code`, is made of. */
  raised: Set<string>;
  /** These, and whatever else an error may be made of: members of declarations, entries of tables. */
  used: Set<string>;
}

type Node = Record<string, unknown> & { type: string };
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

function codesOf(text: string): Codes {
  const codes: Codes = { declared: new Set(), raised: new Set(), used: new Set() };
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) look(one);
    if (!isNode(value)) return;
    const { type, callee, arguments: args } = value;
    if (type === 'CallExpression' && isNode(callee) && callee.name === 'defineErrors') {
      for (const key of keysOf(args)) codes.declared.add(key);
      return;
    }
    if (type === 'NewExpression' && Array.isArray(args)) addAll(codes.raised, literalsOf(args[0]));
    if (type === 'Property' && isNode(value.key) && value.key.name === 'code')
      addAll(codes.raised, literalsOf(value.value));
    if (type === 'MemberExpression' && isNode(value.property)) addAll(codes.used, [value.property.name]);
    if (type === 'Literal') addAll(codes.used, [value.value]);
    if (isComparison(value)) return;
    for (const [name, child] of Object.entries(value)) {
      const isType = name === 'typeAnnotation' || name === 'typeArguments' || name === 'returnType';
      if (!isType) look(child);
    }
  };
  look(parseAst(text, { lang: 'ts' }));
  return codes;
}

/** `===`, a set to look codes up in, `[…].includes`. */
function isComparison({ type, operator, callee }: Node): boolean {
  if (type === 'BinaryExpression') return /^[!=]==?$/.test(String(operator));
  if (!isNode(callee)) return false;
  if (type === 'NewExpression') return callee.name === 'Set';
  const { object, property } = callee;
  return (
    isNode(object) && object.type === 'ArrayExpression' && isNode(property) && property.name === 'includes'
  );
}

const addAll = (to: Set<string>, values: readonly unknown[]) => {
  for (const value of values) if (typeof value === 'string' && code.test(value)) to.add(value);
};

/** Of a literal itself, and of either branch of a conditional. */
function literalsOf(node: unknown): unknown[] {
  if (!isNode(node)) return [];
  if (node.type === 'Literal') return [node.value];
  if (node.type === 'TSAsExpression') return literalsOf(node.expression);
  if (node.type !== 'ConditionalExpression') return [];
  return [...literalsOf(node.consequent), ...literalsOf(node.alternate)];
}

function keysOf(args: unknown): string[] {
  const [object] = Array.isArray(args) ? args : [];
  if (!isNode(object) || !Array.isArray(object.properties)) return [];
  return object.properties.flatMap(({ key }) => (isNode(key) ? [String(key.name)] : []));
}

const sources = ['handlers', 'src']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      posix.join(folder, name.replaceAll('\\', '/')),
    ),
  )
  .filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !notOurs.some((one) => path.startsWith(one)),
  )
  .map((path) => ({ path, codes: codesOf(readFileSync(join(root, path), 'utf8')) }));

describe('the search for codes', () => {
  const found = codesOf(`
    const errors = defineErrors({ DECLARED: { retryable: false } });
    throw new SpillwayError('THROWN', 'why', { cause });
    throw new UpstreamError(sent ? 'CUT_OFF' : 'UNREACHABLE', 'why');
    const failure = { code: 'RETURNED', message: 'why' };
    throw new ItemError(errors.DECLARED, 'why');
    if (error.code === 'COMPARED') give(up);
    if (['INCLUDED'].includes(error.code) || new Set(['LOOKED_UP']).has(error.code)) give(up);
    type Code = 'OF_A_TYPE';
    const text: 'ANNOTATED' = 'lower case';
  `);

  it('finds those that errors are made of', () => {
    expect([...found.raised].sort()).toEqual(['CUT_OFF', 'RETURNED', 'THROWN', 'UNREACHABLE']);
  });

  it('tells declarations, use and comparison apart', () => {
    expect([...found.declared]).toEqual(['DECLARED']);
    expect(found.used).toContain('DECLARED');
    for (const one of ['COMPARED', 'INCLUDED', 'LOOKED_UP', 'OF_A_TYPE', 'ANNOTATED']) {
      expect(found.used).not.toContain(one);
    }
  });
});

describe('the codes of errors', () => {
  it('are declared where they are raised', () => {
    const wrong = sources.flatMap(({ path, codes }) =>
      [...codes.raised].filter((one) => !declared.has(one)).map((one) => `${path}: ${one}`),
    );
    expect(wrong).toEqual([]);
  });

  it('are all raised somewhere', () => {
    const used = new Set(sources.flatMap(({ codes }) => [...codes.used]));
    expect([...declared].filter((one) => !used.has(one))).toEqual([]);
  });

  it('are all in the document, from whichever room', () => {
    const inSources = new Set(sources.flatMap(({ codes }) => [...codes.declared]));
    expect(declared.size).toBeGreaterThan(150);
    expect([...inSources].sort()).toEqual([...declared].sort());
  });

  it.each(declarations.flatMap((one) => Object.values(one)))('$code is well declared', (error) => {
    expect(error.code).toMatch(code);
    for (const text of [error.meaning, error.whatToDo]) expect(text).toMatch(/^[A-Z`].*\.$/s);
    if (error.status !== undefined) expect(error.status).toBeGreaterThanOrEqual(400);
  });
});

describe('docs/errors.md', () => {
  it('says what the declarations say: npm run docs:errors writes it', () => {
    expect(readFileSync(join(root, 'docs/errors.md'), 'utf8')).toBe(errorsPage());
  });
});
