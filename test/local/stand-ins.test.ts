import { expect, it, onTestFinished } from 'vitest';
import { openAccounts } from '../../src/core/http/accounts.ts';
import { openStandIns, type StandInOptions } from '../../src/local/stand-ins.ts';
import { serperAccount } from '../../src/workloads/enrich-leads/upstreams/accounts.ts';

async function open(env: Record<string, string>, options: StandInOptions = {}) {
  const standIns = await openStandIns(env, options);
  onTestFinished(() => standIns.stop());
  return standIns;
}

it('starts with the first call, says so once, and has the limits of the plan', async () => {
  const said: string[] = [];
  const { environment, notice } = await open(
    { GROQ_API_KEY: 'real', SERPER_QUERIES_PER_SECOND: '1' },
    { timeScale: 0.01, onUse: (line) => said.push(line) },
  );
  expect(environment.SPILLWAY_SANDBOX_TIME_SCALE).toBe('0.01');
  expect(said).toEqual([]);
  const url = `${environment.SPILLWAY_SANDBOX_URL}/__sandbox/apis`;
  const [first] = await Promise.all([fetch(url), fetch(url)]);
  expect(await first.json()).toHaveProperty('serper');
  expect(said).toEqual([notice]);
  expect(notice).toContain('serper (SERPER_API_KEY)');
  expect(notice).not.toContain('groq');
});

it('leaves it at a sandbox that runs already', async () => {
  expect(await open({ SPILLWAY_SANDBOX_URL: 'http://127.0.0.1:4010' })).toMatchObject({ environment: {} });
});

it('stands in where every API has its key only for what is asked for by sandbox://', async () => {
  const LWA = { LWA_CLIENT_ID: 'id', LWA_CLIENT_SECRET: 'secret', LWA_REFRESH_TOKEN: 'refresh' };
  const keys = { ...LWA, SERPER_API_KEY: 'key', GROQ_API_KEY: 'key', KEEPA_API_KEY: 'key' };
  const { environment, notice } = await open(keys);
  expect(notice).toBeUndefined();
  const accounts = openAccounts({ ...keys, ...environment });
  expect(accounts.open(serperAccount)).toEqual({ key: 'key', rates: {} });
  expect(accounts.standInUrl('cards')).toBe(`${environment.SPILLWAY_SANDBOX_URL}/cards`);
});
