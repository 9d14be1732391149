import { expect, it } from 'vitest';
import { sandboxVariables } from '../../src/core/http/accounts.ts';
import { readSettings } from '../../src/settings.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';
import { allWorkloads } from '../../src/workloads/registry.ts';
import { upstreamsOf, variablesOf } from '../../src/workloads/variables.ts';
import { memoryPorts } from './memory.ts';
import { withExample } from './with-example.ts';

const needed = {
  SPILLWAY_LEDGER_TABLE: 'ledger',
  SPILLWAY_BUCKET: 'bucket',
  SPILLWAY_SLICE_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/slices',
};

it('are declared by the workload that reads them', () => {
  const read = new Set<string>();
  const env = new Proxy({} as Record<string, string | undefined>, {
    get: (_, name) => void read.add(String(name)),
    has: (_, name) => {
      read.add(String(name));
      return false;
    },
  });
  const workloads = allWorkloads(memoryPorts(env), withExample);
  const declared = [...workloads.values()].flatMap(({ settings = {} }) => Object.keys(settings));
  expect(declared).not.toEqual([]);
  const own = [...read].filter((name) => !(name in sandboxVariables));
  expect(own.sort()).toEqual(declared.sort());
});

it('are checked at the start of a function, with its own, all in one message', () => {
  expect(readSettings(needed).env).toEqual(needed);
  const wrong = {
    SPILLWAY_MAX_HOPS: '0',
    SPILLWAY_PHOTO_TIMEOUT_SECONDS: '500',
    GROQ_TOKENS_PER_MINUTE: '-1',
  };
  const message = expect.stringMatching(
    /^Environment: (?=.*SPILLWAY_MAX_HOPS)(?=.*SPILLWAY_PHOTO_TIMEOUT_SECONDS)(?=.*GROQ_TOKENS_PER_MINUTE)/,
  );
  expect(() => readSettings({ ...needed, ...wrong })).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', message }),
  );
});

it('may all be missing, and empty where they are those of accounts', () => {
  const workloads = workloadsToLookAt();
  const accounts = upstreamsOf(workloads).flatMap(({ variables = {} }) => Object.keys(variables));
  expect(Object.keys(variablesOf(workloads))).toEqual(expect.arrayContaining(accounts));
  const empty = Object.fromEntries(accounts.map((name) => [name, '']));
  expect(() => readSettings({ ...needed, ...empty })).not.toThrow();
});
