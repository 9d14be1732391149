import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createParserPool,
  type ParserPool,
  type PoolOptions,
} from '../../../src/workloads/extract-files/threads/pool.ts';

const entry = new URL('./fixtures/odd-thread.ts', import.meta.url);
const never = new AbortController().signal;
let pool: ParserPool | undefined;
afterEach(() => pool?.close());

const open = (options: PoolOptions = {}) => {
  pool = createParserPool({ threads: 1, entry, ...options });
  return pool;
};
const task = (said: string) => ({ kind: 'text' as const, bytes: new Uint8Array(Buffer.from(said)) });
const long = 60_000;

describe('a file that', () => {
  it.each<[string, string, number, PoolOptions]>([
    ['hang', 'PARSER_TIMED_OUT', 400, {}],
    ['heap', 'PARSER_OUT_OF_MEMORY', long, { heapMb: 32 }],
    ['buffers', 'PARSER_OUT_OF_MEMORY', long, { buffersMb: 64 }],
    ['exit', 'PARSER_DIED', long, {}],
    ['throw', 'PARSER_DIED', long, {}],
  ])('makes its thread %s fails alone, with %s', async (said, code, timeoutMs, options) => {
    const killed: string[] = [];
    const threads = open({ ...options, onKilled: (why) => killed.push(why) });
    const [before, odd, after] = await Promise.allSettled([
      threads.parse(task('before'), long, never),
      threads.parse(task(said), timeoutMs, never),
      threads.parse(task('after'), long, never),
    ]);
    expect(odd).toMatchObject({ status: 'rejected', reason: { code } });
    expect(before).toMatchObject({ status: 'fulfilled', value: { info: { excerpt: 'before' } } });
    expect(after).toMatchObject({ status: 'fulfilled', value: { info: { excerpt: 'after' } } });
    expect(killed).toEqual(said === 'exit' ? [] : [code]);
  });
});

describe('threads', () => {
  it('leave the event loop free while a file computes', async () => {
    const threads = open();
    await threads.parse(task('ready'), long, never);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 5);
    delay.enable();
    await expect(threads.parse(task('hang'), 500, never)).rejects.toMatchObject({ code: 'PARSER_TIMED_OUT' });
    delay.disable();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it('stop when the signal aborts, and with its reason', async () => {
    const threads = open();
    const stop = new AbortController();
    const reason = new Error('budget ended');
    const hanging = threads.parse(task('hang'), long, stop.signal);
    const waiting = threads.parse(task('later'), long, stop.signal);
    stop.abort(reason);
    await expect(hanging).rejects.toBe(reason);
    await expect(waiting).rejects.toBe(reason);
    expect((await threads.parse(task('next'), long, never)).info.excerpt).toBe('next');
  });

  it('take the bytes over', async () => {
    const one = task('gone');
    await open().parse(one, long, never);
    expect(one.bytes.length).toBe(0);
  });
});
