import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchangeOf } from '../../../src/core/http/request.ts';
import { callApiOptions } from '../../../src/workloads/call-api/options.ts';
import { compileRequest } from '../../../src/workloads/call-api/request.ts';
import { reference } from '../recommend-cards/cards.ts';

const options = callApiOptions({ allowHttp: true, standIns: ['plain'] });
const apiOf = (api: object) => options.parse({ api }).api;
const problemsOf = (api: object) =>
  options.safeParse({ api }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
const sender = { tenant: 'acme', idempotencyKey: 'job_1#7' };
const secrets = (_: string, name: string) => (name === 'KEY' ? 'k 1/ü' : undefined);

/** The request as it goes out. */
function sent(api: object, row: Record<string, unknown>) {
  const template = compileRequest(apiOf(api));
  const request = template.of(row, sender, secrets);
  const { url, ...rest } = exchangeOf(template.origin, {
    ...request,
    signal: new AbortController().signal,
    stopAt: 0,
  });
  return { ...rest, url: url.href };
}
const urlOf = (api: object, row: Record<string, unknown>) => sent(api, row).url;
const failing = (api: object, row: Record<string, unknown>) => {
  try {
    return sent(api, row).url;
  } catch (error) {
    return error;
  }
};

describe('the request of a row', () => {
  it('has the method, path, query, headers and body that the options say', () => {
    const api = {
      url: 'https://api.example.com/v1/',
      method: 'PATCH',
      path: '/users/{{id}}',
      query: { lang: '{{lang=en}}', tag: ['a', '{{tag=}}'], note: '{{note=}}', v: 2 },
      headers: { 'X-Tenant': 'of {{tenant}}', Authorization: `Bearer ${reference('KEY')}` },
      body_template: { name: '{{name}}', age: '{{age:number}}' },
      idempotency_header: 'Idempotency-Key',
    };
    expect(sent(api, { id: 'ü/1', tenant: 'A&B', name: 'Ann', age: '41' })).toEqual({
      method: 'PATCH',
      url: 'https://api.example.com/v1/users/%C3%BC%2F1?lang=en&tag=a&v=2',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'x-tenant': 'of A&B',
        authorization: 'Bearer k 1/ü',
        'idempotency-key': 'job_1#7',
      },
      body: '{"name":"Ann","age":41}',
    });
  });

  it.each([
    [{}, 'GET', undefined],
    [{ body_template: {} }, 'POST', '{}'],
    [{ method: 'DELETE' }, 'DELETE', undefined],
    [{ method: 'DELETE', body_template: ['{{id}}'] }, 'DELETE', '["7"]'],
    [{ method: 'PUT', body_template: '"{{id}}"' }, 'PUT', '"7"'],
    [{ method: 'POST' }, 'POST', undefined],
  ])('%j is a %s', (api, method, body) => {
    expect(sent({ url: 'https://h', ...api }, { id: '7' })).toMatchObject({ method, body });
  });

  it.each([
    ['https://h/{{a}}', undefined, 'https://h/x%20y%3F%23%26%2B'],
    ['https://h?q={{a}}&p=1', undefined, 'https://h/?q=x%20y%3F%23%26%2B&p=1'],
    ['https://h/v1?p=1', '{{a}}', 'https://h/v1/x%20y%3F%23%26%2B?p=1'],
    ['https://h/v1/', 'b?q={{a}}#part', 'https://h/v1/b?q=x%20y%3F%23%26%2B'],
    ['https://h/users:search', undefined, 'https://h/users:search'],
    ['https://h//other.example/x', undefined, 'https://h//other.example/x'],
    ['https://h/https://other.example/', undefined, 'https://h/https://other.example/'],
    ['https://h/?a=1&a=2', undefined, 'https://h/?a=1&a=2'],
    ['https://h/{{b=none}}/', undefined, 'https://h/none/'],
    ['https://h/x-{{n}}.json', undefined, 'https://h/x-1610521604143693.json'],
  ])('%s and %s lead to where they say', (url, path, expected) => {
    const row = { a: 'x y?#&+', n: 1610521604143693 };
    expect(urlOf({ url, ...(path !== undefined && { path }) }, row)).toBe(expected);
  });

  it.each([
    '.',
    '..',
    '%2e',
    '../..',
    '/admin',
    '\\admin',
    '//other.example',
    'a:b',
    '@other.example',
    '\t..',
    '?x',
    '#',
  ])('stays in its step of the path with the value %j', (id) => {
    const made = failing({ url: 'https://h/users/{{id}}/orders' }, { id });
    if (typeof made !== 'string') {
      expect(made).toMatchObject({ code: 'INVALID_VALUE', message: expect.stringContaining('"id"') });
      return;
    }
    const { host, pathname, search } = new URL(made);
    expect([host, pathname.split('/').length, search]).toEqual(['h', 4, '']);
    expect(decodeURIComponent(pathname.split('/')[2] ?? '')).toBe(id);
  });

  it('lets no value leave its place in path or query, whatever it is', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('..', '{{id}}', '&x=1'),
    );
    fc.assert(
      fc.property(cell, cell, (id, q) => {
        fc.pre(id.trim() !== '' && q.trim() !== '');
        const made = failing({ url: 'https://h/a/{{id}}', query: { q: '<{{q}}>', z: '1' } }, { id, q });
        if (typeof made !== 'string') {
          expect(made).toMatchObject({ code: 'INVALID_VALUE' });
          return;
        }
        const { pathname, searchParams } = new URL(made);
        expect(decodeURIComponent(pathname)).toBe(`/a/${id}`);
        expect([...searchParams]).toEqual([
          ['q', `<${q}>`],
          ['z', '1'],
        ]);
      }),
    );
  });

  it.each(['a\r\nx-admin: 1', 'a\nb', 'a\0', '日本', '\u{1F600}', '\ud800'])(
    'puts %j into no header: the row fails alone',
    (name) => {
      expect(failing({ url: 'https://h', headers: { 'x-name': '{{name}}' } }, { name })).toMatchObject({
        code: 'INVALID_VALUE',
        stopsJob: false,
        message: 'Column "name" has characters that a header cannot carry',
      });
    },
  );

  it('takes secrets from the options only, never from a cell', () => {
    const row = { a: reference('KEY') };
    const api = { url: 'https://h/{{a}}', headers: { x: '{{a}}' }, body_template: { a: '{{a}}' } };
    const { url, headers, body } = sent(api, row);
    expect([decodeURIComponent(url), headers.x, body]).toEqual([
      `https://h/${row.a}`,
      row.a,
      JSON.stringify(row),
    ]);
  });

  it('can hold a secret in any part, and says which texts are secret', () => {
    const key = reference('KEY');
    const api = { url: `https://h/bot${key}/send`, query: { k: key }, body_template: { k: [`x${key}`] } };
    expect(sent(api, {})).toMatchObject({
      url: 'https://h/botk%201%2F%C3%BC/send?k=k%201%2F%C3%BC',
      body: '{"k":["xk 1/ü"]}',
    });
    expect(compileRequest(apiOf(api)).of({}, sender, secrets).secrets).toEqual(['k 1/ü', 'k%201%2F%C3%BC']);
    expect(failing({ url: `https://h/${reference('OTHER')}` }, {})).toMatchObject({
      code: 'SECRET_NOT_SET',
      stopsJob: true,
      message: expect.stringContaining('SPILLWAY_SECRET_ACME__OTHER'),
    });
  });

  it('stops at a secret that no header can carry, and does not show it', () => {
    const template = compileRequest(apiOf({ url: 'https://h', headers: { x: reference('KEY') } }));
    const broken = () => template.of({}, sender, () => 'top\nsecret');
    expect(broken).toThrow(expect.objectContaining({ code: 'SECRET_NOT_SET', stopsJob: true }));
    expect(broken).not.toThrow('secret\n');
  });

  it('can be a form', () => {
    const body_template = { name: '{{a}}', tags: ['{{a}}', 'two'], none: null, n: 1 };
    expect(sent({ url: 'https://h', body_format: 'form', body_template }, { a: 'ü&=' })).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'name=%C3%BC%26%3D&tags=%C3%BC%26%3D&tags=two&n=1',
    });
  });

  it('needs the columns of all its placeholders without a default', () => {
    const api = {
      url: 'https://h/{{a}}?b={{b}}',
      path: '{{c}}',
      query: { d: '{{d}}', e: '{{e=}}' },
      headers: { f: '{{f}}' },
      body_template: [{ g: '{{g:number}}' }],
    };
    expect(compileRequest(apiOf(api)).columns.toSorted()).toEqual(['a', 'b', 'c', 'd', 'f', 'g']);
  });
});

it('the configuration of the documentation makes requests', () => {
  const page = readFileSync('docs/workloads/call-api.md', 'utf8');
  const { api } = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  const row = { customer_id: 'c 1', credit: '5', month: 'May' };
  api.headers.authorization = `Bearer ${reference('KEY')}`;
  expect(sent(api, row)).toMatchObject({
    method: 'PATCH',
    url: 'https://api.example.com/v1/customers/c%201?notify=false',
    body: '{"credit":5,"note":"Set by the import of May"}',
  });
});

describe('options that cannot make a request are refused at the door', () => {
  it.each([
    [{ url: 'https://{{host}}/' }, /api\.url: Placeholders can stand only after the host/],
    [{ url: 'https://h{{x}}/' }, /api\.url: Placeholders can stand only after the host|is not a URL/],
    [{ url: `https://${reference('HOST')}/` }, /api\.url/],
    [{ url: 'https://h/{{x' }, /api\.url: In .* a placeholder is/],
    [{ url: 'https://h/{{x=}}/y' }, /api\.url: The default of {{x=}} is empty/],
    [{ url: 'https://user:pw@h/{{x}}' }, /must not contain credentials/],
    [{ url: 'sandbox://serper/x' }, /must begin with sandbox:\/\/plain\//],
    [{ url: 'https://h', path: '/{{x:money}}' }, /api\.path: .*there is no type "money"/],
    [{ url: 'https://h', query: { q: '{{' } }, /api\.query\.q: /],
    [{ url: 'https://h', query: { q: { a: 1 } } }, /api\.query\.q/],
    [{ url: 'https://h', headers: { Host: 'x' } }, /api\.headers\.Host: is set by the connection/],
    [{ url: 'https://h', headers: { x: '{{y:z}}' } }, /api\.headers\.x: .*there is no type "z"/],
    [{ url: 'https://h', method: 'TRACE' }, /api\.method/],
    [{ url: 'https://h', method: 'GET', body_template: {} }, /api\.body_template: GET sends no body/],
    [{ url: 'https://h', body_format: 'form' }, /api\.body_template: of a form must be/],
    [
      { url: 'https://h', body_format: 'form', body_template: { a: { b: 1 } } },
      /api\.body_template: of a form/,
    ],
    [{ url: 'https://h', body_template: reference('lower') }, /must be JSON/],
    [{ url: 'https://h', body_template: [reference('lower')] }, /the name may have only A–Z/],
    [{ url: 'https://h', idempotency_header: 'a b' }, /idempotency_header: is not a valid header name/],
    [{ url: 'https://h', idempotency_header: 'X', headers: { x: '1' } }, /idempotency_header: is among/],
    [{ url: 'https://h', accept_statuses: [500] }, /accept_statuses/],
    [{ url: 'https://h', response_fields: { a: 'b..c' } }, /response_fields\.a: "b\.\.c" is not a path/],
    [{ url: 'https://h', typo: 1 }, /typo/],
  ])('%j', (api, message) => {
    expect(problemsOf(api)).toEqual([expect.stringMatching(message)]);
  });
});
