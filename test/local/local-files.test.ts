import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Blobs } from '../../src/core/jobs/model/ports.ts';
import { linkFile, servedFile, withLocalFiles } from '../../src/local/local-files.ts';

const key = 'uploads/local/linked-1/rows.csv';
const output = 'jobs/job_1/output.csv';

/** A store that nothing may be asked of, except what is told here. */
const store = (more: Partial<Blobs> = {}) => more as Blobs;

async function text(chunks: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks ?? []) all.push(chunk);
  return Buffer.concat(all).toString();
}

async function entries(blobs: Blobs, prefix: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const entry of blobs.list(prefix)) all.push(entry);
  return all;
}

async function* bytes(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part);
}

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spillway-files-'));
  path = join(directory, 'mine.csv');
  writeFileSync(path, 'a,b\n1,2\n');
});

describe('a file of this machine', () => {
  it('is read where it lies, from any byte on', async () => {
    await linkFile(directory, key, path);
    const blobs = withLocalFiles(store(), directory);
    expect(await text(await blobs.read(key))).toBe('a,b\n1,2\n');
    expect(await text(await blobs.read(key, 4))).toBe('1,2\n');
  });

  it('is read as a whole, up to a limit, and listed with the others of its folder', async () => {
    const folder = 'uploads/local/linked-2/';
    for (const name of ['b.csv', 'a/ü.csv']) await linkFile(directory, folder + name, path);
    const blobs = withLocalFiles(store(), directory);
    expect((await blobs.get(`${folder}a/ü.csv`, { maxBytes: 8 }))?.toString()).toBe('a,b\n1,2\n');
    await expect(blobs.get(`${folder}b.csv`, { maxBytes: 7 })).rejects.toMatchObject({
      code: 'OBJECT_TOO_LARGE',
    });
    expect(await blobs.get(`${folder}none.csv`)).toBeUndefined();
    expect(await blobs.size(`${folder}b.csv`)).toBe(8);
    expect(await blobs.size(`${folder}none.csv`)).toBeUndefined();
    expect(await entries(blobs, folder)).toEqual([
      { key: `${folder}a/ü.csv`, bytes: 8 },
      { key: `${folder}b.csv`, bytes: 8 },
    ]);
    expect(await entries(blobs, 'uploads/local/linked-3/')).toEqual([]);
  });

  it('is refused once it has changed, until it is linked anew', async () => {
    await linkFile(directory, key, path);
    const blobs = withLocalFiles(store(), directory);
    utimesSync(path, 1, 1);
    await expect(blobs.read(key)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    await linkFile(directory, key, path);
    expect(await text(await blobs.read(key))).toBe('a,b\n1,2\n');
  });

  it('is not there without a link, whatever the key looks like', async () => {
    const blobs = withLocalFiles(store(), directory);
    expect(await blobs.read(key)).toBeUndefined();
  });

  it('is asked of the store when it is an upload like any other', async () => {
    const blobs = withLocalFiles(store({ read: async () => bytes('stored') }), directory);
    expect(await text(await blobs.read('uploads/local/1/rows.csv'))).toBe('stored');
  });
});

describe('a finished file', () => {
  it('lies beside the store, and is served', async () => {
    const blobs = withLocalFiles(store(), directory);
    await blobs.write(output, bytes('a\n', '1\n'), 'text/csv');
    expect(await text(await blobs.read(output))).toBe('a\n1\n');
    const url = await blobs.readUrl(output);
    expect(await servedFile(directory, url)?.text()).toBe('a\n1\n');
  });

  it.each([
    ['output.csv', 'text/csv; charset=utf-8; header=present'],
    ['errors.jsonl', 'application/x-ndjson'],
    ['summary.json', 'application/json'],
    ['output.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['output.csv.gz', 'application/gzip'],
  ])('%s is served as %s', async (name, contentType) => {
    const blobs = withLocalFiles(store(), directory);
    await blobs.write(`jobs/job_1/${name}`, bytes('x'), contentType);
    const served = servedFile(directory, await blobs.readUrl(`jobs/job_1/${name}`));
    expect(served?.headers.get('content-type')).toBe(contentType);
  });

  it('is there as a whole or not at all', async () => {
    const blobs = withLocalFiles(store({ read: async () => undefined }), directory);
    async function* broken() {
      yield Buffer.from('half');
      throw new Error('broken');
    }
    await expect(blobs.write(output, broken(), 'text/csv')).rejects.toThrow('broken');
    expect(await blobs.read(output)).toBeUndefined();
  });

  it('grows part by part, and a part that comes again takes its own place', async () => {
    const blobs = withLocalFiles(store(), directory);
    const upload = await blobs.beginParts(output, 'text/csv');
    const first = await blobs.putPart(output, upload, [], Buffer.from('one,'));
    await blobs.putPart(output, upload, [first], Buffer.from('much too long'));
    const second = await blobs.putPart(output, upload, [first], Buffer.from('two'));
    await blobs.endParts(output, upload, [first, second]);
    expect(await text(await blobs.read(output))).toBe('one,two');
    await blobs.endParts(output, upload, [first, second]);
    expect(await text(await blobs.read(output))).toBe('one,two');
  });

  it('is gone when it is deleted, here and in the store', async () => {
    const deleted: string[] = [];
    const blobs = withLocalFiles(
      store({ read: async () => undefined, delete: async (keys) => void deleted.push(...keys) }),
      directory,
    );
    await blobs.write(output, bytes('x'), 'text/csv');
    await blobs.delete([output]);
    expect(await blobs.read(output)).toBeUndefined();
    expect(deleted).toEqual([output]);
  });

  it('is the only thing that is served', async () => {
    await linkFile(directory, key, path);
    for (const other of [key, 'mine.csv', 'jobs/../mine.csv', 'jobs/job_1/items/0.jsonl', 'jobs/job_1'])
      expect(servedFile(directory, `/__files/${other}`), other).toBeUndefined();
  });

  it('of a slice stays in the store', async () => {
    const put: string[] = [];
    const blobs = withLocalFiles(store({ write: async (where) => void put.push(where) }), directory);
    await blobs.write('jobs/job_1/items/000000.jsonl', bytes('x'), 'text/csv');
    expect(put).toEqual(['jobs/job_1/items/000000.jsonl']);
  });
});
