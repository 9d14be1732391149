import { describe, expect, it } from 'vitest';
import { cardOptions } from '../../../src/workloads/recommend-cards/options.ts';
import { configOf, reference } from './cards.ts';

const deployed = cardOptions(false);
const good = configOf('https://api.example.com/recommend?v=2');

const problemsOf = (api: object, schema = deployed) =>
  schema
    .safeParse({ ...good, api: { ...good.api, ...api } })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('the options of recommend-cards', () => {
  it('have defaults', () => {
    expect(deployed.parse(good)).toMatchObject({
      api: { timeout: 5, retries: 2, missing_fields: 'fail' },
      processing: { max_workers: 20, adaptive: true, max_error_rate: 0.05, error_window: 500 },
      id_column: 'user_id',
    });
  });

  it.each([
    ['http://api.example.com/', /api\.url: must begin with https:\/\//],
    ['ftp://api.example.com/', /https/],
    ['https://user:secret@api.example.com/', /must not contain credentials/],
    ['nowhere', /is not a URL/],
    ['https://api.example.com/{{user_id}}', /must not contain placeholders/],
    ['sandbox://serper/search', /must begin with sandbox:\/\/cards\//],
  ])('refuse %s', (url, message) => {
    expect(problemsOf({ url })).toEqual([expect.stringMatching(message)]);
  });

  it('take http where this machine allows it, and the stand-in', () => {
    expect(problemsOf({ url: 'http://127.0.0.1:8080/' }, cardOptions(true))).toBeUndefined();
    expect(problemsOf({ url: 'sandbox://cards/recommendations' })).toBeUndefined();
  });

  it.each([
    [{ headers: { 'x-key': 'secret\r\nx: y' } }, /api\.headers\.x-key: has characters/],
    [{ headers: { 'x key': 'secret' } }, /is not a valid header name/],
    [{ headers: { Host: 'secret' } }, /is set by the connection/],
    [{ headers: { 'x-key': `secret ${reference('path')}` } }, /the name may have only A–Z/],
    [{ body_template: '{"a": {{x}}}' }, /api\.body_template: must be JSON/],
    [{ body_template: { a: '{{x' } }, /api\.body_template: In "{{x"/],
    [{ response_fields: {} }, /must name at least one column/],
    [{ response_fields: { a: 'b..c' } }, /api\.response_fields\.a: "b\.\.c" is not a path/],
    [{ timeout: 0 }, /api\.timeout: must be a number from 0\.01 to 600/],
    [{ retries: 10 }, /api\.retries: must be a whole number from 0 to 9/],
    [{ unknown: 1 }, /unknown/],
  ])('refuse %j, and never quote what may be a secret', (api, message) => {
    const problems = problemsOf(api);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(String(problems)).not.toContain('secret');
  });

  it('take the template as text too', () => {
    const parsed = deployed.parse(configOf(good.api.url, {}, { body_template: '{"id": "{{user_id}}"}' }));
    expect(parsed.api.body_template).toEqual({ id: '{{user_id}}' });
  });
});
