import { afterAll, describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../../../src/core/engine/clock.ts';
import { InfrastructureError } from '../../../src/core/engine/errors.ts';
import type { Outcome } from '../../../src/core/jobs/model/job.ts';
import type { Blobs } from '../../../src/core/jobs/model/ports.ts';
import type { ItemContext, Workload } from '../../../src/core/jobs/workload.ts';
import { memoryBlobs } from '../../../src/memory/blobs.ts';
import { createByteBudget } from '../../../src/workloads/extract-files/byte-budget.ts';
import type { ExtractedFile } from '../../../src/workloads/extract-files/outcome.ts';
import { type ExtractOptions, extractOptions } from '../../../src/workloads/extract-files/schema.ts';
import { createParserPool, type ParserPool } from '../../../src/workloads/extract-files/threads/pool.ts';
import { type ExtractPorts, extractFiles } from '../../../src/workloads/extract-files/workload.ts';
import { german } from './samples.ts';

const threads = createParserPool({ threads: 1 });
afterAll(() => threads.close());

const silent = { info: () => {}, warn: () => {}, error: () => {} };
/** Pauses take no time. */
const clock = {
  now: systemClock.now,
  after: (ms: number, act: () => void) => systemClock.after(ms < 10_000 ? 0 : ms, act),
};

function open(blobs: Blobs, pool: ParserPool = threads) {
  const counts: Record<string, number> = {};
  const metrics = {
    count: (name: string, value: number) => {
      counts[name] = (counts[name] ?? 0) + value;
    },
    milliseconds: () => {},
  };
  const upstreamDeps = { clock, metrics } as unknown as ExtractPorts['upstreamDeps'];
  const workload = extractFiles({ blobs, upstreamDeps }, pool) as unknown as Workload<
    { key: string; bytes?: number },
    ExtractOptions,
    ExtractedFile
  >;
  const context = (tenant: string, index: number): ItemContext<ExtractOptions> => ({
    jobId: 'job',
    tenant,
    index,
    slice: { id: '000000', before: [], items: 1 },
    options: extractOptions.parse({}),
    idempotencyKey: `job#${index}`,
    signal: new AbortController().signal,
    stopAt: systemClock.now() + 60_000,
    log: silent,
  });
  const run = (key: string, index = 0, tenant = 'acme', more: object = {}) =>
    workload.run({ key, ...more }, context(tenant, index));
  return { workload, run, counts };
}

const stored = () => memoryBlobs(new Map([['uploads/acme/a.txt', Buffer.from(german)]]));

describe('extract-files', () => {
  it('puts the text beside the job, with a link in the result', async () => {
    const blobs = stored();
    const { workload, run } = open(blobs);
    const output = await run('uploads/acme/a.txt', 3);
    expect(output).toMatchObject({ name: 'a.txt', kind: 'text', language: 'de', words: 18, cached: false });
    expect(blobs.objects.get(output.text.key)?.toString()).toBe(german);
    const outcome = {
      index: 3,
      status: 'succeeded',
      output,
      attempts: 1,
      durationMs: 1,
      ranOn: 'test',
    } as const;
    expect(await workload.view?.show(outcome)).toMatchObject({
      output: { text: { key: 'jobs/job/texts/3.txt', url: 'https://store.test/jobs/job/texts/3.txt' } },
    });
  });

  it('has null and a reason for a file that failed', async () => {
    const { workload } = open(stored());
    const error = { code: 'FILE_ENCRYPTED', message: 'no', retryable: false };
    const outcome: Outcome<never> = {
      index: 0,
      itemId: 'a.pdf',
      status: 'failed',
      error,
      attempts: 1,
      durationMs: 1,
      ranOn: 'test',
    };
    expect(await workload.view?.show(outcome)).toMatchObject({ itemId: 'a.pdf', output: null, error });
  });

  it.each([
    'uploads/other/a.txt',
    'uploads/acme/../other/a.txt',
    'uploads/acme-2/a.txt',
    'uploads/acme/none.txt',
    'jobs/a.txt',
  ])('finds no file %s of another tenant, or of nobody', async (key) => {
    const blobs = stored();
    for (const other of ['uploads/other/a.txt', 'uploads/acme-2/a.txt', 'jobs/a.txt'])
      blobs.objects.set(other, Buffer.from('x'));
    await expect(open(blobs).run(key)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', retryable: false });
  });

  it('parses the same content once, for each tenant', async () => {
    const blobs = stored();
    blobs.objects.set('uploads/acme/copy.txt', Buffer.from(german));
    blobs.objects.set('uploads/other/a.txt', Buffer.from(german));
    const { run, counts } = open(blobs);
    const first = await run('uploads/acme/a.txt');
    const second = await run('uploads/acme/copy.txt', 1);
    expect(second).toEqual({
      ...first,
      name: 'copy.txt',
      key: 'uploads/acme/copy.txt',
      text: { ...first.text, key: 'jobs/job/texts/1.txt' },
      cached: true,
    });
    expect(blobs.objects.get('jobs/job/texts/1.txt')?.toString()).toBe(german);
    expect((await run('uploads/other/a.txt', 2, 'other')).cached).toBe(false);
    expect(counts).toMatchObject({ 'extract-files/FilesParsed': 2, 'extract-files/FilesFromCache': 1 });
  });

  it('tries three times what may pass, and no more', async () => {
    const failing = (times: number) => {
      const blobs = stored();
      let left = times;
      const get: Blobs['get'] = async (key, options) => {
        if (key.startsWith('uploads/') && left-- > 0) throw new Error('S3 is away');
        return blobs.get(key, options);
      };
      return open({ ...blobs, get }).run('uploads/acme/a.txt');
    };
    expect((await failing(2)).words).toBe(18);
    await expect(failing(3)).rejects.toMatchObject({ code: 'FILE_READ_FAILED', retryable: true });
  });

  it('leaves a store that is out of reach to whoever comes next', async () => {
    const away = new InfrastructureError('STORE_UNAVAILABLE', 'out of reach', 'object store');
    const get: Blobs['get'] = async () => {
      throw away;
    };
    await expect(open({ ...stored(), get }).run('uploads/acme/a.txt')).rejects.toBe(away);
  });

  it('goes on without a cache', async () => {
    const blobs = stored();
    const allowed = (key: string) => {
      if (key.startsWith('cache/')) throw new Error('no right to it');
      return key;
    };
    const { run } = open({
      ...blobs,
      get: async (key, options) => blobs.get(allowed(key), options),
      put: async (key, body, type) => blobs.put(allowed(key), body, type),
    });
    expect((await run('uploads/acme/a.txt')).words).toBe(18);
  });

  it('refuses what is too large, unread', async () => {
    const blobs = stored();
    blobs.objects.set('uploads/acme/page.html', Buffer.alloc(100 * 2 ** 20));
    await expect(open(blobs).run('uploads/acme/page.html')).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  });

  it('has few large files in memory at a time, whatever is said of their size', async () => {
    let running = 0;
    let most = 0;
    const get: Blobs['get'] = async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(systemClock, 5);
      running -= 1;
      return undefined;
    };
    const size: Blobs['size'] = async (key) => (key.includes('large') ? 45 * 2 ** 20 : 10);
    const { run } = open({ ...stored(), get, size });
    await Promise.allSettled(Array.from({ length: 8 }, () => run('uploads/acme/large.pdf')));
    expect(most).toBe(2);
    most = 0;
    const said = Array.from({ length: 8 }, () => run('uploads/acme/large.pdf', 0, 'acme', { bytes: 1 }));
    await Promise.allSettled(said);
    expect(most).toBe(2);
    await Promise.allSettled(Array.from({ length: 8 }, () => run('uploads/acme/b.pdf')));
    expect(most).toBe(8);
  });

  it('reads no more than it has room for of a file that grows meanwhile', async () => {
    const blobs = stored();
    let asked = 0;
    const size: Blobs['size'] = async (key) => (asked++ === 0 ? 1 : blobs.size(key));
    const limits: (number | undefined)[] = [];
    const get: Blobs['get'] = async (key, options) => {
      if (key.startsWith('uploads/')) limits.push(options?.maxBytes);
      return blobs.get(key, options);
    };
    expect((await open({ ...blobs, size, get }).run('uploads/acme/a.txt')).words).toBe(18);
    expect(limits).toEqual([1, Buffer.byteLength(german)]);
  });

  it('passes on whatever else its item has', async () => {
    const { workload, run } = open(stored());
    const more = { dossier: 'A-17', title: 'theirs', name: '' };
    expect(await run('uploads/acme/a.txt', 0, 'acme', more)).toMatchObject({
      dossier: 'A-17',
      name: 'a.txt',
      kind: 'text',
      title: null,
    });
    expect(workload.item.parse({ key: 'uploads/acme/a.txt', ...more })).toMatchObject(more);
  });
});

describe('a byte budget', () => {
  it('lets in what fits, in order, and forgets who has left', async () => {
    const { take } = createByteBudget(10);
    const signal = new AbortController().signal;
    const order: string[] = [];
    const enter = (name: string, bytes: number, own = signal) =>
      take(bytes, own).then((release) => {
        order.push(name);
        return release;
      });
    const leaving = new AbortController();
    const first = await enter('first', 8);
    const gone = enter('gone', 5, leaving.signal);
    const huge = enter('huge', 99);
    const small = enter('small', 1);
    leaving.abort(new Error('left'));
    await expect(gone).rejects.toThrow('left');
    expect(order).toEqual(['first']);
    first();
    (await huge)();
    (await small)();
    expect(order).toEqual(['first', 'huge', 'small']);
  });
});
