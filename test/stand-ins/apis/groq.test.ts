import { describe, expect, it } from 'vitest';
import { goDuration } from '../../../src/stand-ins/apis/groq/duration.ts';
import { useSandbox } from '../http.ts';

const { post, restrict, sandbox } = useSandbox();
interface Chat {
  choices: readonly [{ message: { content: string }; finish_reason: string }];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  error: { message: string; type: string; code: string };
}

const headers = { authorization: 'Bearer gsk_key' };
const prompt = 'Write a short email.\nCompany: Stripe\nPerson: Jo Doe';
const request = {
  model: 'llama-3.3-70b-versatile',
  messages: [{ role: 'user', content: prompt }],
  max_completion_tokens: 400,
};
const chat = (change: object = {}, key: Record<string, string> = headers) =>
  post<Chat>('groq', '/openai/v1/chat/completions', { ...request, ...change }, key);

it('writes about the prompt, and tells what it used and what is left', async () => {
  const { status, body, headers } = await chat();
  expect(status).toBe(200);
  expect(body).toMatchObject({ object: 'chat.completion', model: request.model, x_groq: { id: /^req_/ } });
  expect(body.choices[0]).toMatchObject({ message: { role: 'assistant' }, finish_reason: 'stop' });
  expect(body.choices[0].message.content).toContain('Stripe, Jo Doe');
  const { prompt_tokens, completion_tokens, total_tokens } = body.usage;
  expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  expect(headers.get('x-ratelimit-limit-tokens')).toBe('300000');
  expect(headers.get('x-ratelimit-limit-requests')).toBe('500000');
  expect(headers.get('x-ratelimit-reset-tokens')).toMatch(/^(\d+h)?(\d+m)?[\d.]+m?s$/);
  expect(headers.get('retry-after')).toBeNull();
});

it('the same request gets the same text, another seed another', async () => {
  const texts = await Promise.all([chat(), chat(), chat({ seed: 5 })]);
  const [one, again, other] = texts.map(({ body }) => body.choices[0].message.content);
  expect(one).toBe(again);
  expect(one).not.toBe(other);
});

it('stops at the limit of tokens', async () => {
  const { body } = await chat({ max_completion_tokens: 5 });
  expect(body.usage.completion_tokens).toBe(5);
  expect(body.choices[0].finish_reason).toBe('length');
});

it('answers in JSON, of a schema if there is one', async () => {
  const messages = [{ role: 'user', content: `${prompt}\nAnswer in JSON.` }];
  const plain = await chat({ messages, response_format: { type: 'json_object' } });
  expect(JSON.parse(plain.body.choices[0].message.content)).toMatchObject({ subject: expect.any(String) });
  const schema = {
    type: 'object',
    properties: { title: { type: 'string' }, tags: { type: 'array', items: { enum: ['a', 'b'] } } },
  };
  const shaped = await chat({
    response_format: { type: 'json_schema', json_schema: { name: 'email', schema } },
  });
  expect(JSON.parse(shaped.body.choices[0].message.content)).toEqual({
    title: expect.any(String),
    tags: ['a'],
  });
});

it.each([{}, { authorization: 'Bearer invalid' }, { authorization: 'Basic x' }])(
  'refuses %j',
  async (wrong) => {
    const { status, body } = await chat({}, wrong);
    expect(status).toBe(401);
    expect(body.error).toEqual({
      ...{ message: 'Invalid API Key', type: 'invalid_request_error', code: 'invalid_api_key' },
    });
  },
);

it.each([
  [{ messages: [] }, 400],
  [{ messages: [{ role: 'robot', content: 'x' }] }, 400],
  [{ temperature: 3 }, 400],
  [{ response_format: { type: 'json_object' } }, 400],
  [{ stream: true }, 400],
  [{ model: 'unknown-model' }, 404],
])('refuses %j with %d', async (change, expected) => {
  const { status, body } = await chat(change);
  expect([status, body.error.type]).toEqual([expected, 'invalid_request_error']);
});

describe('limits', () => {
  it('tokens are reserved for the longest answer, and given back', async () => {
    restrict('groq', 'tokensPerMinute', 1000);
    const both = await Promise.all([
      chat({ max_completion_tokens: 700 }),
      chat({ max_completion_tokens: 700 }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    const answer = both.find(({ status }) => status === 200);
    const left = Number(answer?.headers.get('x-ratelimit-remaining-tokens'));
    expect(left).toBe(1000 - (answer?.body.usage.total_tokens ?? 0));
  });

  it('a 429 tells which limit, and when to come back', async () => {
    restrict('groq', 'tokensPerMinute', 500);
    await chat();
    const { status, headers, body } = await chat({ max_completion_tokens: 480 });
    expect(status).toBe(429);
    expect(body.error).toMatchObject({ type: 'tokens', code: 'rate_limit_exceeded' });
    expect(body.error.message).toMatch(/tokens per minute \(TPM\): Limit 500, Used \d+, Requested \d+\./);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('x-ratelimit-limit-tokens')).toBe('500');
  });

  it('a request larger than the limit is too large for ever', async () => {
    restrict('groq', 'tokensPerMinute', 100);
    const { status, body } = await chat({ max_completion_tokens: 1000 });
    expect([status, body.error.code]).toEqual([413, 'rate_limit_exceeded']);
  });

  it('requests are limited, too', async () => {
    restrict('groq', 'requestsPerDay');
    await chat();
    const { status, body } = await chat();
    expect([status, body.error.type]).toEqual([429, 'requests']);
  });

  it('beyond its capacity it answers 498', async () => {
    sandbox().configure({ api: 'groq', capacity: { servers: 1, queue: 0 } });
    const both = await Promise.all([chat(), chat()]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 498]);
  });
});

it.each([
  [0, '0s'],
  [0.2, '1ms'],
  [399, '399ms'],
  [7660, '7.66s'],
  [179_560, '2m59.56s'],
  [3_603_000, '1h0m3s'],
])('%d ms are written as %s', (ms, text) => {
  expect(goDuration(ms)).toBe(text);
});
