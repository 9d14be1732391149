import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepest } from '../../../src/core/json/depth.ts';
import { fitsDouble, JsonNumber, jsonNumber } from '../../../src/core/json/number.ts';
import { fromMembers, namesOf } from '../../../src/core/json/shape.ts';
import { parseJson, toJson } from '../../../src/core/json/text.ts';

/** Without backslashes: V8 13.6 takes a name with an escape for one that it has seen with a backslash in that place. */
const name = fc
  .oneof(
    fc.constantFrom('2019', '10', '0', '007', '4294967295', '99999999999', '-1', '1.5', ''),
    fc.constantFrom('__proto__', 'constructor', 'toJSON', 'a"2019', '"7', '\u0000', '2019":1'),
    fc.string({ maxLength: 4 }),
  )
  .filter((one) => !one.includes('\\'));
const digits = fc.stringMatching(/^\d{1,25}$/).map((text) => text.replace(/^0+(?=\d)/, ''));
/** As anybody may write it. */
const number = fc
  .record({
    sign: fc.constantFrom('', '-'),
    digits,
    fraction: fc.option(fc.stringMatching(/^\d{1,20}$/)),
    exponent: fc.option(fc.stringMatching(/^[eE][+-]?\d{1,3}$/)),
  })
  .map(({ sign, digits: whole, fraction, exponent }) =>
    [sign, whole, fraction === null ? '' : `.${fraction}`, exponent ?? ''].join(''),
  );
const text = fc.oneof(fc.string(), fc.constantFrom('"2019":1', ', 1.10', '\\', '[1.0', '{"7": 2}', '\\"'));

/** JSON without blanks, whose objects have each name once. */
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('null', 'true', 'false'),
    number,
    text.map((one) => JSON.stringify(one)),
    fc.array(tie('value'), { maxLength: 4 }).map((elements) => `[${elements}]`),
    fc
      .uniqueArray(fc.tuple(name, tie('value')), { selector: ([one]) => one, maxLength: 5 })
      .map((members) => `{${members.map(([one, value]) => `${JSON.stringify(one)}:${value}`)}}`),
  ),
})).value;

describe('JSON', () => {
  it('leaves as it came, whatever its names and numbers are', () => {
    fc.assert(
      fc.property(json, (given) => {
        expect(toJson(parseJson(given))).toBe(given);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has the values that the engine finds in it', () => {
    fc.assert(
      fc.property(json, (given) => {
        expect(JSON.parse(toJson(parseJson(given)))).toEqual(JSON.parse(given));
      }),
    );
  });

  it.each([
    ['blanks', '{ "2019" : 1.10 ,\n"a":\t-0 }', '{"2019":1.10,"a":-0}'],
    ['a name twice', '{"7":1,"a":2,"7":1.0}', '{"7":1.0,"a":2}'],
  ])('may have %s', (_, given, written) => {
    expect(toJson(parseJson(given))).toBe(written);
  });

  it.each(['{"2019":1,}', '{"a":1.10', '[1.]', '{"2019"}', '01', ''])(
    '%s is refused as the engine does',
    (given) => {
      const reason = (read: (json: string) => unknown) => {
        try {
          return read(given);
        } catch (error) {
          return String(error);
        }
      };
      expect(reason(parseJson)).toBe(reason(JSON.parse));
    },
  );

  it('nested deeper than a stack may be is refused, brackets in texts are not', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(toJson(parseJson(nested(deepest)))).toBe(nested(deepest));
    expect(() => parseJson(nested(deepest + 1))).toThrow(SyntaxError);
    expect(() => parseJson(nested(200_000))).toThrow(/nested more than 500 levels/);
    expect(parseJson(JSON.stringify(nested(deepest + 1)))).toBe(nested(deepest + 1));
  });

  it('of rows keeps what is added after the columns', () => {
    const row = parseJson('{"name":"a","2019":1,"10":2}') as object;
    expect(toJson({ ...row, score: 3 })).toBe('{"name":"a","2019":1,"10":2,"score":3}');
    expect(toJson([{ output: row }], 1)).toBe(
      JSON.stringify([{ output: { name: 'a' } }], null, 1).replace('"a"', '"a",\n   "2019": 1,\n   "10": 2'),
    );
  });
});

describe('a number', () => {
  it.each(['1', '0', '-1.5', '1e-7', '1e+21', '123456789012345'])('%s is a plain one', (given) => {
    expect(jsonNumber(given)).toBe(Number(given));
  });

  it.each([
    ['1.10', true],
    ['-0', true],
    ['1E2', true],
    ['100000000000000000000000', true],
    ['1610521604143693812', false],
    ['0.1000000000000000055511151231257827', false],
    ['1e400', false],
    ['1e-400', false],
  ])('%s keeps its text; a double has its value: %s', (given, fits) => {
    const found = jsonNumber(given);
    expect(found).toBeInstanceOf(JsonNumber);
    expect([String(found), JSON.stringify([found]), `${found}`]).toEqual([given, `[${given}]`, given]);
    expect(Number(found)).toBe(Number(given));
    expect(fitsDouble(found as JsonNumber)).toBe(fits);
  });
});

it('a row without some of its columns keeps the order of the others', () => {
  const { b, ...row } = fromMembers([
    ['b', 1],
    ['2019', 2],
    ['a', 3],
    ['7', 4],
  ]);
  expect(b).toBe(1);
  expect(namesOf(row)).toEqual(['2019', 'a', '7']);
  expect(namesOf({ ...row, 1: 0 })).toEqual(['2019', 'a', '7', '1']);
});
