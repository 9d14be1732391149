import { expect, it } from 'vitest';
import { useSandbox } from '../http.ts';

const { post, restrict, sandbox } = useSandbox();
interface Found {
  organic: readonly { title: string; link: string }[];
  knowledgeGraph: { website: string };
  credits: number;
  message: string;
  statusCode: number;
}

const headers = { 'x-api-key': 'a-key' };
const search = (body: unknown, key: Record<string, string> = headers) =>
  post<Found>('serper', '/search', body, key);

it('finds pages about the company that is asked for, the same ones every time', async () => {
  const { status, body } = await search({ q: 'what does stripe.com do', gl: 'us' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ searchParameters: { q: 'what does stripe.com do', gl: 'us', num: 10 } });
  expect(body.organic).toHaveLength(10);
  expect(body.organic[0]).toMatchObject({
    ...{ title: expect.stringContaining('Stripe'), link: 'https://stripe.com/', position: 1 },
    snippet: expect.any(String),
  });
  expect(body.knowledgeGraph.website).toBe('https://stripe.com/');
  expect(body.credits).toBe(1);
  expect((await search({ q: 'what does stripe.com do', gl: 'us' })).body).toEqual(body);
});

it('takes a quoted name for the company, and gives as many results as wanted', async () => {
  const { body } = await search({ q: '"Acme & Sons" funding', num: 20 });
  expect(body.organic).toHaveLength(20);
  expect(body.organic[0]?.link).toBe('https://acme-sons.com/');
  expect(body.credits).toBe(2);
});

it.each([{}, { 'x-api-key': 'invalid-key' }])('refuses the headers %j', async (wrong) => {
  const { status, body } = await search({ q: 'x' }, wrong);
  expect([status, body]).toEqual([403, { message: 'Unauthorized.', statusCode: 403 }]);
});

it('tells when there are no credits left', async () => {
  const { status, body } = await search({ q: 'x' }, { 'x-api-key': 'no-credits' });
  expect([status, body.message]).toEqual([400, 'Not enough credits']);
});

it.each([[{}], [{ q: ' ' }], ['{'], [{ q: 'x', num: 1000 }]])('refuses %j', async (body) => {
  expect(await search(body)).toMatchObject({ status: 400, body: { statusCode: 400 } });
});

it('fails for a query in which a poisoned key occurs', async () => {
  sandbox().configure({ api: 'serper', errors: { keys: ['stripe.com'], keyStatus: 502 } });
  expect((await search({ q: 'about stripe.com' })).status).toBe(502);
  expect((await search({ q: 'about example.com' })).status).toBe(200);
});

it('answers 429 without telling how long to wait', async () => {
  restrict('serper', 'queries');
  await search({ q: 'x' });
  const { status, headers, body } = await search({ q: 'x' });
  expect([status, body.statusCode, headers.get('retry-after')]).toEqual([429, 429, null]);
});
