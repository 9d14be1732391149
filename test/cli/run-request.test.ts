import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { jobOptions, runRequest } from '../../src/cli/run-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

it('takes the value of an option from a file, as it stands there', () => {
  const prompt = file('prompt.txt', '\ufeffDear {{contact}},\n\n"hello" \r\n');
  const list = file('list.json', '["a", 1]\n');
  expect(jobOptions({}, [`prompt=@${prompt}`, `list=@${list}`, 'sender="@acme"', 'n=5'])).toEqual({
    list: ['a', 1],
    n: 5,
    prompt: 'Dear {{contact}},\n\n"hello" ',
    sender: '@acme',
  });
  expect(() => jobOptions({}, [`prompt=@${folder}/none.txt`])).toThrow('--set cannot read');
});

it('says in the request how to read and to write', () => {
  const input = file('rows.csv', 'a\n1\n');
  const given = {
    input: [input],
    dataDir: folder,
    ...{ sheet: '2', skipRows: 3, limit: 20, map: ['company=Name of it', 'x=a=b'] },
    ...{ csvBom: true, escapeFormulas: true },
  };
  const request = (more: object) =>
    runRequest('echo', undefined, { ...given, ...more }, { options: {} }, { format: 'csv', gzip: false });
  expect(request({})).toMatchObject({
    reading: { sheet: '2', skipRows: 3, limit: 20, map: { company: 'Name of it', x: 'a=b' } },
    output: { format: 'csv', gzip: false, bom: true, escapeFormulas: true },
  });
  expect(() => request({ map: ['company'] })).toThrow('--map takes column="Header"');
  expect(() => request({ map: ['=Company'] })).toThrow('--map takes column="Header"');
});
