import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/cli/run-request.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';
import { scratchDir } from '../service/harness.ts';

let directory: Awaited<ReturnType<typeof scratchDir>>;
beforeAll(async () => {
  directory = await scratchDir();
  mkdirSync(join(directory.path, 'conf'));
});
afterAll(() => directory?.remove());

const write = (name: string, content: unknown) => {
  const path = join(directory.path, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const workloads = workloadsToLookAt();
const inputIn = (file: string, name = 'call-api') =>
  readConfig(
    workloads.find((one) => one.name === name),
    file,
  ).input;

it.each(['call-api', 'recommend-cards'])('%s takes an input beside its configuration', (name) => {
  const beside = write('conf/rows.csv', 'id');
  for (const input of ['rows.csv', { file: './rows.csv' }, { file: '../conf/rows.csv', id_column: 'id' }]) {
    const file = write('conf/c.json', { api: {}, input });
    expect(inputIn(file, name)).toBe(beside);
    expect(inputIn(relative('', file), name)).toBe(relative('', beside));
  }
});

it('takes a file of the working directory that is not there, as it did before', () => {
  expect(inputIn(write('conf/c.json', { api: {}, input: 'events/leads.csv' }))).toBe('events/leads.csv');
  const nowhere = write('conf/c.json', { api: {}, input: 'nowhere.csv' });
  expect(inputIn(nowhere)).toBe(join(directory.path, 'conf/nowhere.csv'));
});

it('leaves a path from the root, and the standard input, as they are', () => {
  expect(inputIn(write('conf/c.json', { api: {}, input: '/data/rows.csv' }))).toBe('/data/rows.csv');
  expect(inputIn(write('conf/c.json', { api: {}, input: '-' }))).toBe('-');
});

it.each(['call-api', 'recommend-cards'])('%s takes an input that names only the id column', (name) => {
  const config = readConfig(
    workloads.find((one) => one.name === name),
    write('conf/c.json', { api: {}, input: { id_column: 'uid' } }),
  );
  expect(config).toEqual({ options: { api: {}, id_column: 'uid' } });
});
