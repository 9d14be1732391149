import { describe, expect, it } from 'vitest';
import { useSandbox } from '../http.ts';

const { get, post, restrict, sandbox } = useSandbox();

interface Refusal {
  error: { code: string };
}

interface Cards extends Refusal {
  recommendations: readonly { netAnnualValue: number }[];
}

describe('cards', () => {
  const headers = { authorization: 'Bearer key' };
  const spending = { dining: 4200, groceries: 6100.5, travel: 2500, gas: 1800 };
  const ask = (body: unknown, key: Record<string, string> = headers) =>
    post<Cards>('cards', '/recommendations', body, key);

  it('recommends cards, best first, in about 35 KB', async () => {
    const { status, body } = await ask({ userId: 'user-1', spending });
    expect(status).toBe(200);
    expect(body).toMatchObject({ userId: 'user-1', annualSpending: 14_600.5 });
    const bytes = JSON.stringify(body).length;
    expect(bytes).toBeGreaterThan(32_000);
    expect(bytes).toBeLessThan(38_000);
    const values = body.recommendations.map((card) => card.netAnnualValue);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect((await ask({ userId: 'user-1', spending })).body).toEqual(body);
    expect((await ask({ userId: 'user-2', spending })).body).not.toEqual(body);
  });

  it('takes about 2.7 s', async () => {
    await ask({ userId: 'user-1', spending });
    const [call] = sandbox().log({ api: 'cards' });
    expect(call?.keys).toEqual(['user-1']);
    expect(call?.durationMs).toBeGreaterThan(15);
  });

  it.each([{}, { authorization: 'Bearer invalid' }])('refuses the headers %j', async (wrong) => {
    const { status, body } = await ask({ userId: 'x', spending }, wrong);
    expect([status, body.error.code]).toEqual([401, 'unauthorized']);
  });

  it('takes its key as x-api-key, too', async () => {
    expect((await ask({ userId: 'x', spending }, { 'x-api-key': 'key' })).status).toBe(200);
  });

  it.each([{}, { userId: '', spending }, { userId: 'x', spending: { dining: -1 } }, '{'])(
    'refuses %j',
    async (body) => {
      const answer = await ask(body);
      expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request']);
    },
  );

  it('throttles with 429', async () => {
    restrict('cards', 'requests');
    await ask({ userId: 'x', spending });
    const { status, body, headers } = await ask({ userId: 'x', spending });
    expect([status, body.error.code]).toEqual([429, 'rate_limited']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('plain', () => {
  it('gives an item, the same every time', async () => {
    const { status, body } = await get<{ id: string }>('plain', '/items/a%20b');
    expect([status, body.id]).toEqual([200, 'a b']);
    expect((await get('plain', '/items/a%20b')).body).toEqual(body);
  });

  it('gives many at once, with an error for each that is poisoned', async () => {
    sandbox().configure({ api: 'plain', errors: { keys: ['b'], keyStatus: 422 } });
    const { status, body } = await post<{ items: unknown }>('plain', '/items', { ids: ['a', 'b', 'c'] });
    expect(status).toBe(200);
    expect(body.items).toMatchObject([
      { id: 'a', status: 200, item: { id: 'a' } },
      { id: 'b', status: 422, error: { code: 'FAILED' } },
      { id: 'c', status: 200 },
    ]);
    expect((await get('plain', '/items/b')).status).toBe(422);
  });

  it.each([{}, { ids: [] }, { ids: [1] }, '{'])('refuses %j', async (body) => {
    const answer = await post<Refusal>('plain', '/items', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'BAD_REQUEST']);
  });

  it('throttles with 429', async () => {
    restrict('plain', 'requests');
    await get('plain', '/items/a');
    const { status, headers } = await get('plain', '/items/a');
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
