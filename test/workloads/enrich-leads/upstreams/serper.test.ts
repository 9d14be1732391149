import { expect, it } from 'vitest';
import { memoryLimitStore } from '../../../../src/memory/limit-store.ts';
import { createSerper, type SerperOptions } from '../../../../src/workloads/enrich-leads/upstreams/serper.ts';
import { budget, counting, depsOf, seen, useClosing, useSandbox, useServers } from '../../clients.ts';

const limit = { rate: 40, per: 'second', burst: 10 } as const;
const sandbox = useSandbox({
  overrides: { serper: { latency: { kind: 'constant', ms: 10 }, limits: { queries: limit } } },
});
const serve = useServers();
const closing = useClosing();

const client = (more: Partial<SerperOptions> = {}) =>
  closing(createSerper({ key: 'secret-key', baseUrl: sandbox().urls.serper, deps: depsOf(), ...more }));

it('searches', async () => {
  const found = await client().search({ q: 'Acme Robotics', num: 20 }, budget());
  expect(found.organic).toHaveLength(20);
  expect(found.organic[0]).toMatchObject({ link: expect.stringMatching(/^https:/), position: 1 });
  expect(found.knowledgeGraph?.attributes).toHaveProperty('Founded');
  expect(found.credits).toBe(2);
});

it('keeps the rate with another worker', async () => {
  const { store } = memoryLimitStore();
  const rates = { queries: { perSecond: 40, burst: 10 } };
  const both = [0, 1].map(() => client({ rates, deps: depsOf({ store }) }));
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => both[index % 2]?.search({ q: `Company ${index}` }, budget())),
  );
  expect(seen(sandbox(), 'serper', 'search')).toMatchObject({ calls: 50, rejected: 0 });
});

it('comes again where the rate was too high', async () => {
  const { counts, metrics } = counting();
  const one = client({ tuning: { attempts: 1 }, deps: depsOf({ metrics }) });
  const found = await Promise.all(
    Array.from({ length: 30 }, (_, index) => one.search({ q: `Company ${index}` }, budget())),
  );
  expect(found).toHaveLength(30);
  expect(counts.get('serper/Throttled')).toBeGreaterThan(0);
  expect(counts.get('serper/Failed')).toBeUndefined();
});

for (const [key, what] of [
  ['invalid-secret', 'a wrong key'],
  ['no-credits', 'spent credits'],
] as const) {
  it(`is refused for good for ${what}`, async () => {
    const error: unknown = await client({ key })
      .search({ q: 'Acme' }, budget())
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED', retryable: false });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(key);
    expect(seen(sandbox(), 'serper', 'search').calls).toBe(1);
  });
}

it('fails a poisoned search alone', async () => {
  sandbox().configure({ api: 'serper', errors: { keys: ['Poison'], keyStatus: 400 } });
  const one = client();
  const names = ['Acme', 'Poison', 'Bolt'];
  const settled = await Promise.allSettled(names.map((q) => one.search({ q }, budget())));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('reports an answer of another shape', async () => {
  const baseUrl = await serve((_, response) => response.end('{"organic":[{"title":"Acme"}]}'));
  const search = client({ baseUrl }).search({ q: 'Acme' }, budget());
  await expect(search).rejects.toMatchObject({
    code: 'UPSTREAM_FAILED',
    retryable: true,
    message: expect.stringContaining('organic.0.link'),
  });
});
