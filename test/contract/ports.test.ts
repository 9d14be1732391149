import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dynamoRecords } from '../../src/aws/records.ts';
import { dynamoSharedCache } from '../../src/aws/shared-cache.ts';
import { fileType } from '../../src/core/formats/format.ts';
import type { SharedCache } from '../../src/core/http/cache.ts';
import type { Ledger } from '../../src/core/jobs/model/ledger.ts';
import { type Blobs, leastPartBytes } from '../../src/core/jobs/model/ports.ts';
import { parseJson, toJson } from '../../src/core/json/text.ts';
import { memoryBlobs } from '../../src/memory/blobs.ts';
import { memoryLedger } from '../../src/memory/ledger.ts';
import { memoryRecords } from '../../src/memory/records.ts';
import { memorySharedCache } from '../../src/memory/shared-cache.ts';
import type { Records } from '../../src/workloads/ports.ts';
import { cloudOfFile } from '../core/jobs/cloud.ts';
import { doubling } from '../core/jobs/workload.ts';

const cloud = await cloudOfFile();
const { blobs: stored, ledger: recorded } = cloud.jobs(doubling().workload);

const bytes = async (chunks: AsyncIterable<Uint8Array> | undefined) => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks ?? []) all.push(chunk);
  return Buffer.concat(all).toString();
};

const stores: [string, Blobs][] = [
  ['in memory', memoryBlobs()],
  ['in S3', stored],
];

describe.each(stores)('blobs %s', (_, blobs) => {
  it('are read as they were put, whole, in part, or not at all', async () => {
    await blobs.put('a/1', 'eins', 'text/plain');
    await blobs.put('a/2', Buffer.from('zwei und mehr'), 'text/plain');
    await blobs.put('a/2', Buffer.from('zwei'), 'text/plain');
    expect(String(await blobs.get('a/1'))).toBe('eins');
    expect(String(await blobs.get('a/2', { maxBytes: 4 }))).toBe('zwei');
    await expect(blobs.get('a/2', { maxBytes: 3 })).rejects.toMatchObject({ code: 'OBJECT_TOO_LARGE' });
    expect([await blobs.size('a/1'), await blobs.size('a/3')]).toEqual([4, undefined]);
    expect([await bytes(await blobs.read('a/1')), await bytes(await blobs.read('a/1', 2))]).toEqual([
      'eins',
      'ns',
    ]);
    expect([await blobs.get('a/3'), await blobs.read('a/3')]).toEqual([undefined, undefined]);
  });

  it('are listed in the order of their keys, and deleted whether they exist or not', async () => {
    for (const key of ['b/2', 'b/10', 'c/1', 'b/1']) await blobs.put(key, key, 'text/plain');
    const list = async (prefix: string) => {
      const found = [];
      for await (const { key, bytes } of blobs.list(prefix)) found.push(`${key} ${bytes}`);
      return found;
    };
    expect(await list('b/')).toEqual(['b/1 3', 'b/10 4', 'b/2 3']);
    await blobs.delete(['b/10', 'b/3', 'b/1']);
    expect(await list('b/')).toEqual(['b/2 3']);
    expect(await list('d/')).toEqual([]);
  });

  it('are there when all of a stream is', async () => {
    const failing = async function* () {
      yield Buffer.from('half');
      throw new Error('it broke');
    };
    await expect(blobs.write('e/1', failing(), 'text/plain')).rejects.toThrow('it broke');
    expect(await blobs.get('e/1')).toBeUndefined();
    const whole = async function* () {
      yield Buffer.from('one ');
      yield Buffer.from('two');
    };
    await blobs.write('e/1', whole(), 'text/plain');
    expect(String(await blobs.get('e/1'))).toBe('one two');
  });

  it('are put together from parts, by whoever knows their tags, however often', async () => {
    const upload = await blobs.beginParts('f/1', 'text/plain');
    const first = await blobs.putPart('f/1', upload, [], Buffer.alloc(leastPartBytes, 'a'));
    // Written again by one that goes on for another: the last counts, under its own tag.
    await blobs.putPart('f/1', upload, [first], Buffer.from('lost'));
    const second = await blobs.putPart('f/1', upload, [first], Buffer.from('kept'));
    expect(await blobs.get('f/1')).toBeUndefined();
    await blobs.endParts('f/1', upload, [first, second]);
    await blobs.endParts('f/1', upload, [first, second]);
    expect(String((await blobs.get('f/1'))?.subarray(leastPartBytes - 1))).toBe('akept');
  });
});

it('a link to a compressed file does not say that the transfer is', async () => {
  await stored.put('g/1.json.gz', gzipSync('[]'), fileType('json', true).contentType);
  const head = await fetch(await stored.readUrl('g/1.json.gz'), { headers: { range: 'bytes=0-0' } });
  // A downloader would unpack it, and it would not be what its name says.
  expect([head.headers.get('content-type'), head.headers.get('content-encoding')]).toEqual([
    'application/gzip',
    null,
  ]);
});

const ledgers: [string, Ledger][] = [
  ['in memory', memoryLedger()],
  ['in DynamoDB', recorded],
];

/** A new job without items. */
const job = (id: string, tenant: string, options: unknown = {}) => ({
  id,
  tenant,
  workload: 'echo',
  options,
  status: 'running' as const,
  totalItems: 0,
  succeeded: 0,
  failed: 0,
  createdAt: 0,
});

describe.each(ledgers)('keys and lists of a ledger %s', (_, ledger) => {
  it('keep the options of a job to the letter', async () => {
    const json = '{"z":1.10,"2019":{"b":1610521604143693812,"7":["x",1e400]},"a":null}';
    await ledger.create(job('job_options', 'options', parseJson(json)), []);
    expect(toJson((await ledger.job('job_options'))?.options)).toBe(json);
  });

  it('give a key to the first who asks, and then to one of those who take it over', async () => {
    const key = { tenant: 'a', key: 'k', jobId: 'job_1', requestHash: 'h', creatorGoneAt: 10 };
    expect(await ledger.reserveKey(key)).toMatchObject({ jobId: 'job_1' });
    expect(await ledger.reserveKey({ ...key, jobId: 'job_2' })).toMatchObject({ jobId: 'job_1' });
    expect(await ledger.reserveKey({ ...key, tenant: 'b', jobId: 'job_3' })).toMatchObject({
      jobId: 'job_3',
    });
    expect(await Promise.all([ledger.takeOverKey(key, 20), ledger.takeOverKey(key, 20)])).toEqual(
      expect.arrayContaining([true, false]),
    );
    expect(await ledger.takeOverKey(key, 30)).toBe(false);
    expect(await ledger.reserveKey({ ...key, jobId: 'job_4' })).toMatchObject({
      jobId: 'job_1',
      creatorGoneAt: 20,
    });
  });

  it('list a tenant’s jobs, the latest first, page by page', async () => {
    for (const id of ['job_l2', 'job_l1', 'job_l3']) await ledger.create(job(id, 'lister'), []);
    await ledger.create(job('job_l4', 'another'), []);
    const ids = async (limit: number, before?: string) =>
      (await ledger.jobsOf('lister', limit, before)).map(({ id }) => id);
    expect(await ids(2)).toEqual(['job_l3', 'job_l2']);
    expect(await ids(2, 'job_l2')).toEqual(['job_l1']);
    await expect(
      ledger.settle({ jobId: 'job_none', id: '000000', succeeded: 0, failed: 0 } as never),
    ).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

const caches: [string, SharedCache][] = [
  ['in memory', memorySharedCache()],
  ['in DynamoDB', dynamoSharedCache(cloud.dynamo, cloud.table, 'contract')],
];

describe.each(caches)('a shared cache %s', (_, cache) => {
  it('has one fetch a key at a time, and none while it is fresh', async () => {
    expect(await cache.get('a', 0)).toBeUndefined();
    expect([await cache.claim('a', 0, 10), await cache.claim('a', 5, 15)]).toEqual([true, false]);
    expect(await cache.claim('a', 11, 20)).toBe(true);
    await cache.set('a', { value: { found: [1] }, freshUntil: 100 });
    expect(await cache.get('a', 99)).toEqual({ value: { found: [1] }, freshUntil: 100 });
    expect([await cache.get('a', 100), await cache.claim('a', 99, 200)]).toEqual([undefined, false]);
    expect(await cache.claim('a', 100, 200)).toBe(true);
    await cache.release('a');
    expect(await cache.claim('a', 101, 200)).toBe(true);
  });
});

const recordTables: [string, Records][] = [
  ['in memory', memoryRecords()],
  ['in DynamoDB', dynamoRecords(cloud.dynamo, await cloud.newTable('shop', 'id'))],
];

describe.each(recordTables)('records %s', (_, records) => {
  const signal = new AbortController().signal;
  const idsOf = async (shop: string, pageSize: number, after?: string) => {
    const ids = [];
    const from = after === undefined ? undefined : { shop, id: after };
    for await (const { id } of records.list({ shop }, pageSize, from)) ids.push(id);
    return ids;
  };

  it('are made once, keep what is not written again, and say when', async () => {
    const key = { shop: 'once', id: 'a' };
    await records.upsert(key, { title: 'One', tags: ['x'], price: '1.10' }, signal);
    const first = await records.get(key);
    await records.upsert(key, { title: 'Two' }, signal);
    const second = await records.get(key);
    expect(second).toMatchObject({ ...key, title: 'Two', tags: ['x'], price: '1.10' });
    expect(second?.createdAt).toBe(first?.createdAt);
    expect(String(second?.updatedAt) >= String(first?.updatedAt)).toBe(true);
    expect(await records.get({ shop: 'once', id: 'b' })).toBeUndefined();
  });

  it('are listed by their first key, in the order of the second, page by page', async () => {
    for (const id of ['c', 'a', 'e', 'b', 'd']) await records.upsert({ shop: 'list', id }, { n: id }, signal);
    await records.upsert({ shop: 'lists', id: 'z' }, {}, signal);
    for (const pageSize of [1, 2, 100])
      expect(await idsOf('list', pageSize)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await idsOf('list', 2, 'b')).toEqual(['c', 'd', 'e']);
    // The place is found though the record is gone.
    await records.remove({ shop: 'list', id: 'b' });
    expect(await idsOf('list', 2, 'b')).toEqual(['c', 'd', 'e']);
    expect([await idsOf('list', 2, 'e'), await idsOf('nobody', 2)]).toEqual([[], []]);
  });

  it('are changed by one of those who saw them as they were', async () => {
    const key = { shop: 'change', id: 'a' };
    await records.upsert(key, { title: 'One', kept: 1 }, signal);
    const seen = String((await records.get(key))?.updatedAt);
    const changes = await Promise.all(['Two', 'Three'].map((title) => records.change(key, { title }, seen)));
    const made = changes.filter((one) => one !== undefined);
    expect(made).toEqual([await records.get(key)]);
    expect(made[0]).toMatchObject({ kept: 1, title: expect.stringMatching(/Two|Three/) });
    expect(String(made[0]?.updatedAt) > seen).toBe(true);
    expect(await records.change({ shop: 'change', id: 'b' }, {}, seen)).toBeUndefined();
  });

  it('are removed, however often', async () => {
    const key = { shop: 'remove', id: 'a' };
    await records.upsert(key, {}, signal);
    await records.remove(key);
    await records.remove(key);
    expect(await records.get(key)).toBeUndefined();
  });
});
