import { expect, it } from 'vitest';
import { defineUpstream } from '../../src/core/http/account.ts';
import { accountVariables, apisWithoutKey, openAccounts } from '../../src/core/http/accounts.ts';
import { loadConfig } from '../../src/local/config.ts';
import { keepaAccount, spApiAccount } from '../../src/workloads/analyze-products/upstreams/accounts.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';
import { groqAccount, serperAccount } from '../../src/workloads/enrich-leads/upstreams/accounts.ts';
import { upstreamsOf } from '../../src/workloads/variables.ts';

const upstreams = upstreamsOf(workloadsToLookAt());
const sandbox = { SPILLWAY_SANDBOX_URL: 'http://127.0.0.1:4010' };
const lwa = { LWA_CLIENT_ID: 'id', LWA_CLIENT_SECRET: 'secret', LWA_REFRESH_TOKEN: 'refresh' };

it('takes the real API where there is a key, also beside a sandbox', () => {
  const accounts = openAccounts({ ...sandbox, ...lwa, SERPER_API_KEY: ' real \n' });
  expect(accounts.open(serperAccount)).toEqual({ key: 'real', rates: {} });
  expect(accounts.open(spApiAccount)).toEqual({
    key: { clientId: 'id', clientSecret: 'secret', refreshToken: 'refresh' },
    region: 'na',
    baseUrl: 'https://sellingpartnerapi-na.amazon.com',
  });
  expect(accounts.isStandIn(serperAccount)).toBe(false);
});

it('takes the stand-in where there is none, at its pace', () => {
  const accounts = openAccounts({ ...sandbox, SPILLWAY_SANDBOX_TIME_SCALE: '0.1', GROQ_API_KEY: '' });
  expect(accounts.open(groqAccount)).toMatchObject({
    baseUrl: `${sandbox.SPILLWAY_SANDBOX_URL}/groq`,
    tuning: { pace: 10 },
  });
  expect(accounts.open(spApiAccount).authUrl).toBe(`${sandbox.SPILLWAY_SANDBOX_URL}/amazon-auth`);
  expect(accounts.isStandIn(groqAccount)).toBe(true);
  expect(accounts.standInUrl('cards')).toBe(`${sandbox.SPILLWAY_SANDBOX_URL}/cards`);
});

it('without a sandbox, names the variable that is missing and stops the job', () => {
  const missing = { code: 'CREDENTIALS_MISSING', stopsJob: true, retryable: false };
  expect(() => openAccounts({}).open(keepaAccount)).toThrow(expect.objectContaining(missing));
  expect(() => openAccounts({}).open(keepaAccount)).toThrow('KEEPA_API_KEY is not set');
});

it('takes a key of which a part is missing for a mistake, not for none', () => {
  const { LWA_CLIENT_SECRET: _, ...part } = lwa;
  expect(() => openAccounts({ ...sandbox, ...part }).open(spApiAccount)).toThrow(
    'LWA_CLIENT_SECRET is not set',
  );
});

it('keeps to what the plan allows', () => {
  const { rates } = openAccounts({ GROQ_API_KEY: 'key', GROQ_TOKENS_PER_MINUTE: '6000' }).open(groqAccount);
  expect(rates).toEqual({ tokens: { perMinute: 6_000, burst: 6_000 } });
});

it('keeps to limits in total, and to the region, that are set', () => {
  const env = { SP_API_REGION: 'eu', SP_API_CALLS_PER_SECOND: '8', KEEPA_CALLS_PER_SECOND: '5' };
  const accounts = openAccounts({ ...env, ...lwa, KEEPA_API_KEY: 'key' });
  expect(accounts.open(spApiAccount)).toMatchObject({
    ...{ region: 'eu', baseUrl: 'https://sellingpartnerapi-eu.amazon.com' },
    total: { perSecond: 8, burst: 8 },
  });
  expect(accounts.open(keepaAccount).rates).toEqual({ calls: { perSecond: 5, burst: 5 } });
});

it('has no stand-in for an API that the project has none of', () => {
  const geocoder = defineUpstream({
    ...{ name: 'geocoder', keys: ['GEOCODER_KEY'], settings: {} },
    account: ({ GEOCODER_KEY: key }) => ({ key }),
  });
  expect(openAccounts({ ...sandbox, GEOCODER_KEY: 'mine' }).open(geocoder)).toEqual({ key: 'mine' });
  expect(() => openAccounts(sandbox).open(geocoder)).toThrow('GEOCODER_KEY is not set');
  expect(openAccounts(sandbox).isStandIn(geocoder)).toBe(false);
  expect(apisWithoutKey([geocoder], {}).size).toBe(0);
});

it('tells which APIs have no key', () => {
  expect([...apisWithoutKey(upstreams, { ...lwa, GROQ_API_KEY: 'key', SERPER_API_KEY: ' ' })]).toEqual([
    ['serper', 'SERPER_API_KEY'],
    ['keepa', 'KEEPA_API_KEY'],
  ]);
});

it('gives all that is known of accounts to the functions that may run any workload, and none of it to others', () => {
  const names = Object.keys(accountVariables(upstreams)).filter((name) => !name.startsWith('SPILLWAY_'));
  const { functions, routes, queueSources } = loadConfig({
    env: Object.fromEntries(names.map((name) => [name, name.toLowerCase()])),
  });
  const running = new Set(
    [
      ...routes.filter(({ method, path }) => method === 'POST' && path === '/jobs'),
      ...queueSources.filter(({ queue }) => queue === 'SliceQueue'),
    ].map(({ functionName }) => functionName),
  );
  expect([...running]).toEqual(expect.arrayContaining(['createJob', 'continueJob', 'streamAnswer']));
  for (const { name, environment } of functions.values()) {
    const having = names.filter((key) => environment[key] === key.toLowerCase());
    expect([name, having]).toEqual([name, running.has(name) ? names : []]);
  }
});
