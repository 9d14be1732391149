import { describe, expect, it } from 'vitest';
import { readAll, readValues, text } from './files.ts';

const refusal = (code: string, row?: number) => ({
  name: 'FileError',
  code,
  ...(row !== undefined && { details: { row } }),
});

describe('JSON Lines', () => {
  it('counts lines, blank ones too, and keeps values', async () => {
    expect(await readAll(text('{"a":1}\n\n  \r\n{"b":[true,null]}'))).toEqual([
      { row: 1, value: { a: 1 } },
      { row: 4, value: { b: [true, null] } },
    ]);
  });

  it('reports lines that are no objects', async () => {
    const rows = await readAll(text('{"a":1}\n[1]\nnull\n{"a":\n7\n{"a":2}\n'));
    expect(rows).toMatchObject([
      { row: 1, value: { a: 1 } },
      { row: 2, problem: { code: 'NOT_AN_OBJECT', message: 'Expected a JSON object, but found an array' } },
      { row: 3, problem: { code: 'NOT_AN_OBJECT', message: 'Expected a JSON object, but found null' } },
      { row: 4, value: { raw: '{"a":' }, problem: { code: 'JSON_INVALID' } },
      {
        row: 5,
        value: { raw: '7' },
        problem: { code: 'NOT_AN_OBJECT', message: 'Expected a JSON object, but found a number' },
      },
      { row: 6, value: { a: 2 } },
    ]);
  });

  it('does not let a key set the prototype', async () => {
    const [row] = await readValues(text('{"__proto__":{"admin":true}}\n'));
    expect(row && Object.hasOwn(row, '__proto__')).toBe(true);
    expect(row?.admin).toBeUndefined();
  });

  it.each([
    ['', 'FILE_EMPTY', undefined],
    ['\n \n', 'FILE_EMPTY', undefined],
    [`{"a":1}\n{"a":"${'x'.repeat(200)}"}\n`, 'ROW_TOO_LARGE', 2],
  ])('refuses %j', async (content, code, row) => {
    const asked = { format: 'jsonl', limits: { maxRowChars: 100 } } as const;
    for (const chunkSizes of [[1], [1000]]) {
      const reading = readAll(text(content), { ...asked, chunkSizes });
      await expect(reading).rejects.toMatchObject({ code });
      if (row) await expect(reading).rejects.toMatchObject({ details: { row } });
    }
  });
});

describe('a JSON array', () => {
  it('keeps values and counts elements, the last of which may be followed by a comma', async () => {
    const rows = await readAll(text(' [ {"a":"]},\\"["}, {"b":{"c":[1,{}]}} ,\n] \n'));
    expect(rows).toEqual([
      { row: 1, value: { a: ']},"[' } },
      { row: 2, value: { b: { c: [1, {}] } } },
    ]);
  });

  it('reports elements that are no objects', async () => {
    const rows = await readAll(text('[{"a":1}, 5, "x,y", , {bad}, [1,{"a":2}], {"a":3}]'));
    expect(rows).toMatchObject([
      { row: 1, value: { a: 1 } },
      { row: 2, problem: { code: 'NOT_AN_OBJECT' } },
      { row: 3, problem: { code: 'NOT_AN_OBJECT' } },
      { row: 4, problem: { code: 'JSON_INVALID' } },
      { row: 5, value: { raw: '{bad}' }, problem: { code: 'JSON_INVALID' } },
      { row: 6, problem: { code: 'NOT_AN_OBJECT' } },
      { row: 7, value: { a: 3 } },
    ]);
  });

  it('is told from JSON Lines by its content, also under the same name', async () => {
    expect(await readValues(text('{"a":1}\n{"a":2}\n'), { name: 'x.json' })).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await readValues(text('[{"a":1},\n{"a":2}]\n'), { name: 'x.json' })).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await readValues(text('[a],b\n1,2\n'), { name: 'x.csv' })).toEqual([{ '[a]': '1', b: '2' }]);
  });

  it.each([
    ['[]', 'FILE_HAS_NO_ROWS', undefined],
    [' [ \n ] ', 'FILE_HAS_NO_ROWS', undefined],
    ['[{"a":1},{"a":', 'FILE_TRUNCATED', 2],
    ['[{"a":1}', 'FILE_TRUNCATED', 1],
    ['[{"a":1}] {"b":2}', 'JSON_INVALID', 1],
    ['[{"a":1}, 2}]', 'JSON_INVALID', 1],
    ['{\n  "a": 1\n}', 'JSON_INVALID', undefined],
    [`[{"a":1}, {"a":"${'x'.repeat(200)}"}]`, 'ROW_TOO_LARGE', 2],
  ])('refuses %j', async (content, code, row) => {
    for (const chunkSizes of [[1], [1000]]) {
      const reading = readAll(text(content), { chunkSizes, limits: { maxRowChars: 100 } });
      await expect(reading).rejects.toMatchObject(refusal(code));
      if (row) await expect(reading).rejects.toMatchObject({ details: { row } });
    }
  });
});
