import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { knownInput } from '../../src/cli/known-run.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';
import { scratchDir } from '../service/harness.ts';

let directory: Awaited<ReturnType<typeof scratchDir>>;
const file = (name: string, content: unknown) => {
  const path = join(directory.path, name);
  const isText = typeof content === 'string' || Buffer.isBuffer(content);
  writeFileSync(path, isText ? content : JSON.stringify(content));
  return path;
};
const known = (name: string, ...paths: string[]) =>
  knownInput(
    paths,
    {},
    workloadsToLookAt().find((one) => one.name === name),
  );

beforeAll(async () => {
  directory = await scratchDir();
});
afterAll(() => directory?.remove());

it('counts the groups of a request, their photos, and takes its options', async () => {
  expect(await known('create-products', 'events/create-products.json')).toMatchObject({
    facts: { items: 13, weight: 37 / 13 },
  });
  const source = { items: [{ a: 1 }, { a: 2 }] };
  const request = file('request.json', { workload: 'echo', source, options: { delayMs: 5 } });
  expect(await known('echo', request)).toMatchObject({ facts: { items: 2 }, options: { delayMs: 5 } });
});

it('counts rows, also of a list in JSON', async () => {
  expect(await known('echo', file('list.json', [{ a: 1 }, { a: 2 }, { a: 3 }]))).toMatchObject({
    facts: { items: 3, sourceBytes: 25 },
  });
  expect((await known('enrich-leads', 'events/leads.csv')).facts.items).toBe(24);
  await expect(known('echo', 'a.csv', 'b.csv')).rejects.toThrow('but 2 were given');
});

it('counts files and their bytes where those are the items', async () => {
  mkdirSync(join(directory.path, 'archive/deep'), { recursive: true });
  file('archive/a.txt', 'eleven char');
  file('archive/deep/b.csv', 'a\n1\n2\n');
  expect(await known('extract-files', join(directory.path, 'archive'))).toEqual({
    facts: { items: 2, fileBytes: 17 },
  });
});

it('reads rows in the encoding and the format that they are said to have', async () => {
  const old = file('old.txt', Buffer.from('{"name":"Jürgen"}\n{"name":"Zoë"}\n', 'latin1'));
  await expect(known('echo', old)).rejects.toMatchObject({ code: expect.stringContaining('ENCODING') });
  const reading = { format: 'jsonl', encoding: 'windows-1252' } as const;
  expect((await knownInput([old], reading)).facts.items).toBe(2);
});
