import { describe, expect, it } from 'vitest';
import { listFiles } from '../../../src/core/jobs/files/list-files.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { memoryBlobs } from '../../../src/memory/blobs.ts';

const jobs = (...keys: string[]) =>
  ({ blobs: memoryBlobs(new Map(keys.map((key) => [key, Buffer.from(key)]))) }) as unknown as JobsContext;
const names = async (of: JobsContext, source: Parameters<typeof listFiles>[2]) =>
  (await listFiles(of, 'acme', source)).map(({ name }) => name);

const stored = jobs(
  'uploads/acme/docs/b.pdf',
  'uploads/acme/docs/a/deep/c.md',
  'uploads/acme/docs/',
  'uploads/acme/docs/.git/config',
  'uploads/acme/docs/a/.DS_Store',
  'uploads/acme/docs-old/d.txt',
  'uploads/other/docs/e.txt',
);

describe('a source of files', () => {
  it.each(['uploads/acme/docs/', 'uploads/acme/docs'])('lists %s with the folders in it', async (folder) => {
    expect(await listFiles(stored, 'acme', { folders: [folder] })).toEqual([
      { key: 'uploads/acme/docs/a/deep/c.md', name: 'a/deep/c.md', bytes: 29 },
      { key: 'uploads/acme/docs/b.pdf', name: 'b.pdf', bytes: 23 },
    ]);
  });

  it('has each file once, keys first', async () => {
    const source = {
      keys: ['uploads/acme/docs/b.pdf', 'uploads/acme/x/f.txt'],
      folders: ['uploads/acme/docs'],
    };
    expect(await names(stored, source)).toEqual(['b.pdf', 'f.txt', 'a/deep/c.md']);
  });

  it('names the folders, where there are several', async () => {
    const source = { folders: ['uploads/acme/docs/a', 'uploads/acme/docs-old'] };
    expect(await names(stored, source)).toEqual(['a/deep/c.md', 'docs-old/d.txt']);
  });

  it.each([
    'uploads/other/docs/',
    'uploads/acme/../other/docs/',
    'uploads/acme-2/',
    'uploads/',
    'jobs/',
    'uploads/acme/none/',
  ])('of %s is not found', async (folder) => {
    await expect(listFiles(stored, 'acme', { folders: [folder] })).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
    });
  });

  it('has an end', async () => {
    const many = jobs(...Array.from({ length: 10_001 }, (_, n) => `uploads/acme/m/${n}.txt`));
    await expect(listFiles(many, 'acme', { folders: ['uploads/acme/m'] })).rejects.toMatchObject({
      code: 'TOO_MANY_FILES',
    });
  });
});
