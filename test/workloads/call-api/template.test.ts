import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, toJson } from '../../../src/core/json/text.ts';
import { columnsOf, compileTemplate } from '../../../src/workloads/call-api/template.ts';

const fill = (template: unknown, row: Record<string, unknown>) => compileTemplate(template)(row);

describe('a template', () => {
  it.each([
    [{ id: '{{user_id}}' }, { user_id: 'u1' }, { id: 'u1' }],
    [{ id: '{{ user_id }}' }, { user_id: 7 }, { id: 7 }],
    ['user {{a}}/{{b}}!', { a: 1, b: true }, 'user 1/true!'],
    [{ n: '{{x:number}}' }, { x: ' 12.5 ' }, { n: 12.5 }],
    [{ n: '{{x:number=0}}' }, { x: ' ' }, { n: 0 }],
    [{ n: '{{x:number=0}}' }, {}, { n: 0 }],
    [{ n: '{{x:integer}}', t: '{{x:text}}' }, { x: -3 }, { n: -3, t: '-3' }],
    [['{{x:boolean}}', '{{y:boolean}}'], { x: 'Yes', y: '0' }, [true, false]],
    [{ s: '{{spending:json}}' }, { spending: '{"dining": 5}' }, { s: { dining: 5 } }],
    [{ s: '{{spending}}' }, { spending: { dining: 5 } }, { s: { dining: 5 } }],
    [{ s: 'of {{spending}}' }, { spending: { dining: 5 } }, { s: 'of {"dining":5}' }],
    [{ a: 'x{{b=}}y' }, { b: '' }, { a: 'xy' }],
    [{ a: [1, null, true, 'plain }} text'] }, {}, { a: [1, null, true, 'plain }} text'] }],
    [{ 'total spent': '{{total spent}}' }, { 'total spent': 'ü' }, { 'total spent': 'ü' }],
  ])('%j of %j is %j', (template, row, expected) => {
    expect(fill(template, row)).toEqual(expected);
  });

  it.each([
    ['{{x}}', {}, 'MISSING_VALUE', 'The row has no column "x"'],
    ['{{x}}', { x: '  ' }, 'MISSING_VALUE', 'Column "x" is empty'],
    ['{{x}}', { x: null }, 'MISSING_VALUE', 'Column "x" is empty'],
    ['{{toString}}', {}, 'MISSING_VALUE', 'The row has no column "toString"'],
    ['{{x:number}}', { x: '1,200' }, 'INVALID_VALUE', 'Column "x" must be a number, but is "1,200"'],
    ['{{x:number}}', { x: '0x10' }, 'INVALID_VALUE', 'Column "x" must be a number, but is "0x10"'],
    ['{{x:number}}', { x: '1e999' }, 'INVALID_VALUE', 'Column "x" must be a number, but is "1e999"'],
    ['{{x:integer}}', { x: '1.5' }, 'INVALID_VALUE', 'Column "x" must be a whole number, but is "1.5"'],
    ['{{x:boolean}}', { x: 'maybe' }, 'INVALID_VALUE', 'Column "x" must be true or false, but is "maybe"'],
    ['{{x:json}}', { x: '{' }, 'INVALID_VALUE', 'Column "x" must be JSON, but is "{"'],
  ])('%s of %j fails that row: %s', (template, row, code, message) => {
    expect(() => fill(template, row)).toThrow(expect.objectContaining({ code, message }));
  });

  it.each([
    ['{{x', /In "{{x": a placeholder is/],
    ['{{}}', /a placeholder is/],
    ['{{x:money}}', /there is no type "money"; available: text, number/],
    [{ '{{x}}': 1 }, /The name "{{x}}" contains a placeholder/],
  ])('%j is refused', (template, message) => {
    expect(() => compileTemplate(template)).toThrow(expect.objectContaining({ code: 'TEMPLATE_INVALID' }));
    expect(() => compileTemplate(template)).toThrow(message);
  });

  it.each([
    [
      '{"n":"{{x}}","t":"is {{x}}"}',
      '{"x":1610521604143693812}',
      '{"n":1610521604143693812,"t":"is 1610521604143693812"}',
    ],
    [
      '{"n":"{{x:number}}","i":"{{x:integer}}"}',
      '{"x":"12345678901234567890"}',
      '{"n":12345678901234567890,"i":12345678901234567890}',
    ],
    ['{"n":"{{x:number}}"}', '{"x":"+012.5e1"}', '{"n":12.5e1}'],
    ['{"n":"{{x:number}}","i":"{{x:integer}}"}', '{"x":" 1.0"}', '{"n":1.0,"i":1}'],
    ['{"n":"{{x:number}}"}', '{"x":"-0.10"}', '{"n":-0.10}'],
    ['{"n":"{{x:json}}"}', '{"x":"[1.10, 1e400]"}', '{"n":[1.10,1e400]}'],
    ['{"b":"{{2019}}","7":1.10,"a":[0.0]}', '{"2019":"y"}', '{"b":"y","7":1.10,"a":[0.0]}'],
  ])('%s of %s keeps what a double would not: %s', (template, row, expected) => {
    expect(toJson(compileTemplate(parseJson(template))(parseJson(row) as Record<string, unknown>))).toBe(
      expected,
    );
  });

  it('needs the columns of its placeholders, but for those with a default', () => {
    const template = {
      id: '{{user_id}}',
      of: [{ a: '{{a:number}} in {{b}}' }, '{{c=}}', null, 7],
      d: '{{d=1}}',
    };
    expect(columnsOf(template)).toEqual(['user_id', 'a', 'b']);
    expect(columnsOf('{{x}}')).toEqual(['x']);
  });

  it('lets no cell break out of its place', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('"}', '{{x}}', '\\', '\u2028', '","a":"'));
    fc.assert(
      fc.property(cell, cell, (x, y) => {
        fc.pre(x.trim() !== '' && y.trim() !== '');
        const body = fill({ a: '{{x}}', b: ['<{{x}}|{{y}}>'], c: 1 }, { x, y });
        expect(JSON.parse(JSON.stringify(body))).toEqual({ a: x, b: [`<${x}|${y}>`], c: 1 });
      }),
    );
  });

  it('without placeholders is what it was', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('{{')),
        (value) => {
          expect(JSON.stringify(fill(value, {}))).toBe(JSON.stringify(value));
        },
      ),
    );
  });
});
