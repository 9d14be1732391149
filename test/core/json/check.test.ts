import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { checked } from '../../../src/core/json/check.ts';
import { parseJson, toJson } from '../../../src/core/json/text.ts';

/** What a schema makes of JSON, as JSON; or where it refuses it. */
function madeOf(schema: z.ZodType, json: string): unknown {
  const { data, error } = checked(schema, parseJson(json));
  return error ? error.issues.map(({ path }) => path.join('.')) : toJson(data);
}

const anyRow = z.record(z.string(), z.unknown());
const known = z.looseObject({ text: z.string(), price: z.number().optional() });

describe('a schema that copies a row', () => {
  it.each([
    ['a record', anyRow, '{"name":"a","2019":1,"10":{"z":1,"5":2}}'],
    ['a loose object', known, '{"id":1,"text":"a","2019":"x","b":2}'],
    ['a loose object with plain names', known, '{"id":1,"b":2,"text":"a"}'],
    ['a row as it is', z.custom<object>(), '{"name":"a","2019":1.10}'],
    ['a list of records', z.array(anyRow), '[{"b":1,"7":2},{"7":1,"b":2}]'],
  ])('leaves its columns in their order: %s', (_, schema, json) => {
    expect(madeOf(schema, json)).toBe(json);
  });

  it('may drop columns and add some', () => {
    const schema = z.object({ a: z.unknown(), 2019: z.string(), n: z.number().default(5) });
    expect(madeOf(schema, '{"x":0,"a":1.10,"2019":"y"}')).toBe('{"a":1.10,"2019":"y","n":5}');
  });
});

describe('a number', () => {
  it('keeps its text where the schema lets it pass', () => {
    const json = '{"id":1610521604143693812,"text":"t","price":1.5,"more":[1e400,{"x":0.10}]}';
    expect(madeOf(known, json)).toBe(json);
  });

  it('is a plain one where the schema wants a number, and nowhere else', () => {
    const json = '{"text":"t","price":1.10,"other":1.10}';
    const { data } = checked(known, parseJson(json));
    expect(data?.price).toBe(1.1);
    expect(toJson(data)).toBe('{"text":"t","price":1.1,"other":1.10}');
  });

  it('that a double cannot hold is refused with its place, where the schema wants a number', () => {
    const schema = z.array(z.object({ n: z.union([z.number(), z.string()]), m: z.number() }));
    expect(madeOf(schema, '[{"n":1.0,"m":2.0}]')).toBe('[{"n":1,"m":2}]');
    expect(madeOf(schema, '[{"n":1,"m":12345678901234567890}]')).toEqual(['0.m']);
    expect(madeOf(schema, '[{"n":1e400,"m":1}]')).toEqual(['0.n']);
    expect(checked(z.number(), parseJson('1e400')).error?.issues[0]?.message).toBe(
      'Invalid input: expected number, received a number with more digits or a larger exponent than can be calculated with',
    );
  });

  it('can be coerced, and does not hide what else is wrong', () => {
    expect(madeOf(z.object({ n: z.coerce.number() }), '{"n":2.50}')).toBe('{"n":2.5}');
    expect(madeOf(known, '{"text":1.10,"price":1.10}')).toEqual(['text']);
  });
});
