import { describe, expect, it } from 'vitest';
import { memoryLimitStore } from '../../../../src/memory/limit-store.ts';
import { goDurationMs } from '../../../../src/workloads/enrich-leads/upstreams/go-duration.ts';
import { createGroq, type GroqOptions } from '../../../../src/workloads/enrich-leads/upstreams/groq.ts';
import { createGroqBatches } from '../../../../src/workloads/enrich-leads/upstreams/groq-batch.ts';
import type { ChatRequest } from '../../../../src/workloads/enrich-leads/upstreams/groq-chat.ts';
import { budget, counting, depsOf, seen, useClosing, useSandbox, useServers } from '../../clients.ts';

/** A token in a millisecond, and a few requests. */
const limits = {
  tokensPerMinute: { rate: 60_000, per: 'minute', burst: 3_000 },
  requestsPerMinute: { rate: 6_000, per: 'minute', burst: 100 },
} as const;
const rates = { tokens: { perMinute: 60_000, burst: 3_000 }, requests: { perMinute: 6_000, burst: 100 } };
const sandbox = useSandbox({ overrides: { groq: { latency: { kind: 'constant', ms: 40 }, limits } } });
const serve = useServers();
const closing = useClosing();

const client = (more: Partial<GroqOptions> = {}) =>
  closing(createGroq({ key: 'secret-key', baseUrl: sandbox().urls.groq, rates, deps: depsOf(), ...more }));
const letter = (to: string, maxCompletionTokens = 200): ChatRequest => ({
  model: 'llama-3.1-8b-instant',
  messages: [
    { role: 'system', content: 'Write a short letter.' },
    { role: 'user', content: `company: ${to}` },
  ],
  maxCompletionTokens,
});
const chats = () => seen(sandbox(), 'groq', 'chat');

describe('a chat', () => {
  it('is answered', async () => {
    const answer = await client().chat({ ...letter('Acme'), temperature: 0.2, seed: 7 }, budget());
    expect(answer).toMatchObject({ content: expect.stringContaining('Acme'), finishReason: 'stop' });
    expect(answer.requestId).toMatch(/^req_/);
  });

  it('keeps both rates with another worker', async () => {
    const { store } = memoryLimitStore();
    const both = [0, 1].map(() => client({ deps: depsOf({ store }) }));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => both[index % 2]?.chat(letter(`Company ${index}`), budget())),
    );
    expect(answers.every((answer) => answer?.finishReason === 'stop')).toBe(true);
    expect(chats()).toMatchObject({ calls: 20, rejected: 0 });
  });

  it('that took more tokens than estimated is paid for by the next', async () => {
    const arrivals: number[] = [];
    const url = await serve((_, response) => {
      arrivals.push(Date.now());
      const choices = [{ message: { content: 'Hello' }, finish_reason: 'stop' }];
      const usage = { prompt_tokens: 20, completion_tokens: 3_580, total_tokens: 3_600 };
      response.end(JSON.stringify({ choices, usage }));
    });
    const one = client({ baseUrl: url });
    await one.chat(letter('Acme', 10), budget());
    await one.chat(letter('Acme', 10), budget());
    const [first = 0, second = 0] = arrivals;
    // Of 3,600 tokens, a token in a millisecond, the burst holds 2,750.
    expect(second - first).toBeGreaterThan(700);
    expect(second - first).toBeLessThan(2_000);
  });

  it('comes again where the rates were too high', async () => {
    const { counts, metrics } = counting();
    const one = client({
      rates: { tokens: { perMinute: 600_000, burst: 30_000 } },
      tuning: { attempts: 1 },
      deps: depsOf({ metrics }),
    });
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => one.chat(letter(`Company ${index}`, 800), budget())),
    );
    expect(counts.get('groq/Throttled')).toBeGreaterThan(0);
    expect(counts.get('groq/Failed')).toBeUndefined();
  });

  it('comes again, some time later, when the model is overrun', async () => {
    const { counts, metrics } = counting();
    sandbox().configure({ api: 'groq', errors: { share: 1, status: 498 } });
    setTimeout(() => sandbox().configure({ api: 'groq', errors: { share: 0 } }), 100);
    await client({ tuning: { attempts: 1 }, deps: depsOf({ metrics }) }).chat(letter('Acme'), budget());
    expect(counts.get('groq/Throttled')).toBeGreaterThan(0);
  });

  it('is refused for good for a wrong key', async () => {
    const error: unknown = await client({ key: 'invalid-secret' })
      .chat(letter('Acme'), budget())
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED', retryable: false });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('invalid-secret');
  });

  it('fails alone when it is poisoned, and when its model is unknown', async () => {
    sandbox().configure({ api: 'groq', errors: { keys: ['Poison'], keyStatus: 422 } });
    const one = client();
    const requests = [
      letter('Acme'),
      letter('Poison'),
      { ...letter('Bolt'), model: 'unknown' },
      letter('Cole'),
    ];
    const settled = await Promise.allSettled(requests.map((request) => one.chat(request, budget())));
    expect(settled).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'UPSTREAM_REFUSED', details: { status: 422 } } },
      { reason: { code: 'UPSTREAM_REFUSED', details: { status: 404 } } },
      { status: 'fulfilled' },
    ]);
  });

  it('holds the next ones back when it took the last of a limit', async () => {
    const arrivals: number[] = [];
    const url = await serve((_, response) => {
      arrivals.push(Date.now());
      response.writeHead(200, {
        'x-ratelimit-limit-tokens': '60',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '0m48s',
      });
      const choices = [{ message: { content: 'Hello' }, finish_reason: 'stop' }];
      const usage = { prompt_tokens: 20, completion_tokens: 20, total_tokens: 40 };
      response.end(JSON.stringify({ choices, usage }));
    });
    const one = client({ baseUrl: url });
    await one.chat(letter('Acme', 10), budget());
    await one.chat(letter('Acme', 10), budget());
    const [first = 0, second = 0] = arrivals;
    expect(second - first).toBeGreaterThanOrEqual(790);
    expect(second - first).toBeLessThan(1_500);
  });
});

describe('a batch', () => {
  const batches = (key = 'secret-key') =>
    closing(createGroqBatches({ key, baseUrl: sandbox().urls.groq, deps: depsOf() }));

  it('is started, waited for and read, each answer under its id', async () => {
    sandbox().configure({ api: 'groq', errors: { keys: ['id-3'], keyStatus: 500 } });
    const one = batches();
    const requests = new Map(
      Array.from({ length: 20 }, (_, index) => [`id-${index}`, letter(`Company ${index}`)] as const),
    );
    const file = await one.upload(requests, budget());
    expect(await one.find(file, budget())).toBeUndefined();
    const { id } = await one.start(file, budget());
    expect(await one.find(file, budget())).toMatchObject({ id });
    await expect(one.ended(id, 5_000, budget(1_000))).rejects.toMatchObject({ code: 'BATCH_RUNNING' });
    const batch = await one.ended(id, 100, budget());
    expect(batch).toMatchObject({ status: 'completed', counts: { total: 20, completed: 19, failed: 1 } });
    const results = await one.results(batch, budget());
    expect(results.size).toBe(20);
    for (const [key, found] of results) {
      if (key === 'id-3')
        expect(found).toMatchObject({ error: { code: 'UPSTREAM_FAILED', retryable: true } });
      else
        expect(found).toMatchObject({
          value: { content: expect.stringContaining(`Company ${key.slice(3)}`) },
        });
    }
  });

  it('of one line is read as well', async () => {
    const one = batches();
    const file = await one.upload(new Map([['only', letter('Acme')]]), budget());
    const { id } = await one.start(file, budget());
    const results = await one.results(await one.ended(id, 100, budget()), budget());
    expect([...results.keys()]).toEqual(['only']);
  });

  it('must not be empty, and is refused for good for a wrong key', async () => {
    await expect(batches().upload(new Map(), budget())).rejects.toMatchObject({ code: 'BATCH_INVALID' });
    const refused = batches('invalid-key').upload(new Map([['a', letter('Acme')]]), budget());
    await expect(refused).rejects.toMatchObject({ code: 'CREDENTIALS_REFUSED' });
  });
});

describe('a duration of Go', () => {
  for (const [text, ms] of [
    ['399ms', 399],
    ['7.66s', 7_660],
    ['2m59.56s', 179_560],
    ['1h0m3s', 3_603_000],
    ['0s', 0],
    ['', undefined],
    ['soon', undefined],
    ['5', undefined],
  ] as const) {
    it(`'${text}' is ${ms}`, () => {
      const found = goDurationMs(text);
      if (ms === undefined) expect(found).toBeUndefined();
      else expect(found).toBeCloseTo(ms, 6);
    });
  }
});
