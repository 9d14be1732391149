import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePath, valueAt } from '../../../src/workloads/call-api/paths.ts';

describe('a path', () => {
  it.each([
    ['a', ['a']],
    ['a.b.c', ['a', 'b', 'c']],
    ['$.a[0].b', ['a', 0, 'b']],
    ['[2][3]', [2, 3]],
    ['$["a.b"].c', ['a.b', 'c']],
    ['a["say \\"hi\\""]', ['a', 'say "hi"']],
    ['ü ber.straße', ['ü ber', 'straße']],
    ['$id', ['$id']],
  ])('%s', (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  it.each(['', 'a..b', 'a[', 'a[x]', 'a.', 'a[-1]', 'a["b]'])('"%s" is none', (text) => {
    expect(() => parsePath(text)).toThrow(expect.objectContaining({ code: 'PATH_INVALID' }));
  });

  it('leads to what is there, and to nothing else', () => {
    const value = { a: [{ b: null }, 'text'], 0: 'zero' };
    const at = (text: string) => valueAt(value, parsePath(text));
    expect([at('a[0].b'), at('a[1]'), at('0')]).toEqual([null, 'text', 'zero']);
    for (const text of [
      'b',
      'a.b',
      'a[2]',
      'a[0].b.c',
      'a[1].length',
      'a.length',
      '[0]',
      'constructor',
      '__proto__',
    ]) {
      expect(at(text), text).toBeUndefined();
    }
  });

  it('reaches every place of any value', () => {
    const write = (path: (string | number)[]) => path.map((step) => `[${JSON.stringify(step)}]`).join('');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const visit = (part: unknown, path: (string | number)[]) => {
          if (path.length > 0) expect(valueAt(value, parsePath(write(path)))).toBe(part);
          if (Array.isArray(part)) for (const [n, one] of part.entries()) visit(one, [...path, n]);
          else if (typeof part === 'object' && part !== null) {
            for (const [name, one] of Object.entries(part)) visit(one, [...path, name]);
          }
        };
        visit(value, []);
      }),
    );
  });
});
