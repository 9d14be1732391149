import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { type Clock, systemClock } from '../../../core/engine/clock.ts';
import { ExtractError } from '../extract-error.ts';
import type { ParsedFile, ParseReply, ParseTask } from './messages.ts';

export interface PoolOptions {
  /** Most threads. Default: one for each core, at most four. */
  threads?: number;
  /** Limit on a thread's JavaScript heap, in MiB. */
  heapMb?: number;
  /** Limit on a thread's buffers outside the heap, in MiB. */
  buffersMb?: number;
  /** Module that a thread runs. Default: the parsers. */
  entry?: URL;
  clock?: Clock;
  /** Called when a thread was terminated. */
  onKilled?(code: string): void;
}

/** Threads that each parse one file at a time. They start on demand and never keep the process alive. */
export interface ParserPool {
  /**
   * Parses a file as soon as a thread is free. Throws an {@link ExtractError} after `timeoutMs` of work, when the
   * thread needs too much memory, or with the parser's own reason; throws the signal's reason when it aborts. A
   * file can fail only itself: its thread is terminated, and the next file gets a new one.
   */
  parse(task: ParseTask, timeoutMs: number, signal: AbortSignal): Promise<ParsedFile>;
  close(): Promise<void>;
}

/** How often a thread's memory is checked, in milliseconds. */
const pollEveryMs = 200;
const mebibyte = 2 ** 20;

export function createParserPool(options: PoolOptions = {}): ParserPool {
  const { threads = Math.min(4, availableParallelism()), heapMb = 512, buffersMb = 512 } = options;
  const { entry = parserUrl(), clock = systemClock } = options;
  const limit = pLimit(threads);
  const idle: Worker[] = [];
  const all = new Set<Worker>();

  /** Resolves when the thread is ready: loading the parsers does not count as work on a file. */
  const start = async (): Promise<Worker> => {
    const thread = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: heapMb } });
    all.add(thread);
    // The file in the thread has its own listener. An idle thread's errors can be ignored.
    thread.on('error', () => {});
    thread.on('exit', () => {
      all.delete(thread);
      const at = idle.indexOf(thread);
      if (at >= 0) idle.splice(at, 1);
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    thread.once('message', resolve).once('error', reject).once('exit', reject);
    try {
      await promise;
    } catch (error) {
      throw died(error);
    } finally {
      thread.off('message', resolve).off('error', reject).off('exit', reject);
    }
    return thread;
  };

  const run = async (task: ParseTask, timeoutMs: number, signal: AbortSignal): Promise<ParsedFile> => {
    signal.throwIfAborted();
    const thread = idle.pop() ?? (await start());
    if (signal.aborted) {
      thread.unref();
      idle.push(thread);
      throw signal.reason;
    }
    thread.ref();
    const { promise, resolve, reject } = Promise.withResolvers<ParseReply>();
    let ended: Promise<unknown> | undefined;
    const kill = (reason: unknown) => {
      reject(reason);
      ended ??= thread.terminate();
      if (reason instanceof ExtractError) options.onKilled?.(reason.code);
    };
    const onError = (error: NodeJS.ErrnoException) =>
      kill(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory() : died(error));
    const onExit = (code: number) => reject(died(`it ended with ${code}`));
    const onAbort = () => kill(signal.reason);
    thread.once('message', resolve).once('error', onError).once('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    const seconds = timeoutMs / 1000;
    const cancelTimer = clock.after(timeoutMs, () =>
      kill(new ExtractError('PARSER_TIMED_OUT', `The file could not be parsed within ${seconds} s`)),
    );
    const stopLooking = watchMemory(thread, clock, buffersMb, () => kill(outOfMemory()));
    thread.postMessage(task, [task.bytes.buffer]);
    try {
      const reply = await promise;
      idle.push(thread);
      thread.unref();
      if ('error' in reply) throw new ExtractError(reply.error.code, reply.error.message);
      return reply;
    } finally {
      // No other thread may take its place until it has released its memory.
      await ended;
      cancelTimer();
      stopLooking();
      signal.removeEventListener('abort', onAbort);
      thread.off('message', resolve).off('error', onError).off('exit', onExit);
    }
  };

  return {
    parse: (task, timeoutMs, signal) => limit(run, task, timeoutMs, signal),
    async close() {
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };
}

/** Limits buffers outside the heap: Node limits only a thread's heap. Returns a function that stops the check. */
function watchMemory(thread: Worker, clock: Clock, buffersMb: number, onExceeded: () => void): () => void {
  let stopped = false;
  let cancel = () => {};
  const look = async () => {
    // Rejects if the thread has ended meanwhile.
    const statistics = await thread.getHeapStatistics().catch(() => undefined);
    if (stopped) return;
    if (statistics && statistics.external_memory > buffersMb * mebibyte) onExceeded();
    else cancel = clock.after(pollEveryMs, look);
  };
  cancel = clock.after(pollEveryMs, look);
  return () => {
    stopped = true;
    cancel();
  };
}

const outOfMemory = () => new ExtractError('PARSER_OUT_OF_MEMORY', 'Parsing the file takes too much memory');

function died(cause: unknown): ExtractError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ExtractError('PARSER_DIED', `The parser's thread failed: ${reason}`, { cause });
}

/** The parser's module beside this file, as source (.ts) or as a bundle (.mjs). */
function parserUrl(): URL {
  return new URL(`./parser-thread${extname(import.meta.url)}`, import.meta.url);
}
