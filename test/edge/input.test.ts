import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ApiEvent } from '../../handlers/edge/api.ts';
import { parseBody } from '../../handlers/edge/input.ts';
import { Problem, problemResponse } from '../../handlers/edge/problem.ts';
import { isDeeperThan } from '../../src/core/json/depth.ts';

const anything = z.unknown();

function asked(body: string, headers: Record<string, string> = {}, isBase64Encoded = false) {
  return {
    headers: { 'content-type': 'application/json', ...headers },
    body,
    isBase64Encoded,
  } as unknown as ApiEvent;
}

function problemOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.httpStatus, code: error.code, message: error.message };
  }
  return undefined;
}

describe('a body', () => {
  it.each([
    ['as text', asked('\uFEFF{"a":1}')],
    ['in base64', asked(Buffer.from('\uFEFF{"a":1}').toString('base64'), {}, true)],
  ])('with a byte order mark is read, %s', (_, event) => {
    expect(parseBody(event, anything)).toEqual({ a: 1 });
  });

  it.each(['gzip', 'br', 'identity, GZIP', 'x-unheard-of'])('that is %s is refused as such', (encoding) => {
    const problem = problemOf(() => parseBody(asked('{}', { 'content-encoding': encoding }), anything));
    expect(problem).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    expect(problem?.message).toContain('compressed');
  });

  it('may say that it is not compressed, and that it is in UTF-8', () => {
    const headers = { 'content-encoding': 'identity', 'content-type': 'application/json; charset="UTF-8"' };
    expect(parseBody(asked('{}', headers), anything)).toEqual({});
  });

  it('in another charset is refused', () => {
    const event = asked('{}', { 'content-type': 'application/json; charset=iso-8859-1' });
    expect(problemOf(() => parseBody(event, anything))).toMatchObject({ status: 415 });
  });

  it.each([
    ['lists', '['.repeat(6_000) + ']'.repeat(6_000)],
    ['objects', `${'{"a":'.repeat(6_000)}1${'}'.repeat(6_000)}`],
    ['two million lists', '['.repeat(2_000_000)],
    ['lists within an item', `{"source":{"items":[{"deep":${'['.repeat(600)}${']'.repeat(600)}}]}}`],
  ])('of %s in each other is refused', (_, body) => {
    expect(problemOf(() => parseBody(asked(body), anything))).toMatchObject({
      status: 400,
      code: 'TOO_DEEP',
    });
  });

  it('may hold any number of brackets in its texts, and side by side', () => {
    const body = JSON.stringify({
      text: '[{"\\'.repeat(5_000),
      list: Array.from({ length: 5_000 }, () => []),
    });
    expect(parseBody(asked(body), anything)).toEqual(JSON.parse(body));
    expect(isDeeperThan(2, '[[]]')).toBe(false);
    expect(isDeeperThan(1, '[[]]')).toBe(true);
  });
});

it('a refusal repeats little of a request, however much was wrong', () => {
  const name = 'x'.repeat(6_000_000);
  const schema = z.strictObject({ name: z.string().optional() });
  const event = asked(JSON.stringify({ [name]: 1 }));
  let response: ReturnType<typeof problemResponse> = {};
  try {
    parseBody(event, schema);
  } catch (error) {
    response = problemResponse(error);
  }
  expect(response.statusCode).toBe(422);
  expect(response.body?.length).toBeLessThan(5_000);
});
