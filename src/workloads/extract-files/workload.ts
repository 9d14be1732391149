import { posix } from 'node:path';
import { ExponentialBackoff, fullJitterGenerator } from 'cockatiel';
import { sleep } from '../../core/engine/clock.ts';
import {
  InfrastructureError,
  ItemError,
  postponedIn,
  SpillwayError,
  toFailure,
} from '../../core/engine/errors.ts';
import { within } from '../../core/engine/time-limit.ts';
import { portErrors } from '../../core/jobs/model/port-errors.ts';
import type { ItemContext, Workload } from '../../core/jobs/workload.ts';
import { defineWorkload } from '../define.ts';
import type { WorkloadPorts } from '../ports.ts';
import { createByteBudget } from './byte-budget.ts';
import { type Content, type Found, foundCache } from './cache.ts';
import { summarize } from './context.ts';
import type { ReadText } from './excerpts.ts';
import { kindOf } from './kind.ts';
import { type ExtractedFile, showFile } from './outcome.ts';
import { documentFigures, weightOf } from './plan.ts';
import { type ExtractOptions, extractOptions, type FileItem, fileItem } from './schema.ts';
import { hashOf, maxFileBytes, readFile, sizeOf, transferable } from './source.ts';
import { firstChars } from './text-of.ts';
import { createParserPool, type ParserPool } from './threads/pool.ts';

type Context = ItemContext<ExtractOptions>;

/** Bytes of files in memory at a time, over all files under way: two of the largest. */
const maxBytesAtOnce = 100 * 2 ** 20;
/** Attempts at an operation that may succeed a moment later, the first included, and the pauses between them. */
const attempts = 3;
const backOff = { initialDelay: 200, maxDelay: 5_000, generator: fullJitterGenerator };
/** Slow files take half a minute to arrive; after this many milliseconds a file counts as lost. */
const readLimitMs = 120_000;

export type ExtractPorts = Pick<WorkloadPorts, 'blobs' | 'upstreamDeps'>;

/**
 * Reads documents: a parser in its own thread extracts each file's text and describes it. A file that cannot be
 * read fails alone, with the reason; results are merged by folder and for the whole job.
 */
export function extractFiles({ blobs, upstreamDeps }: ExtractPorts, pool?: ParserPool): Workload {
  const { clock, metrics } = upstreamDeps;
  const budget = createByteBudget(maxBytesAtOnce);
  const cache = foundCache(blobs);
  const parsers =
    pool ?? createParserPool({ clock, onKilled: () => metrics.count('extract-files/ThreadsKilled', 1) });

  const parse = async (bytes: Buffer, { kind }: Content, { options, signal }: Context): Promise<Found> => {
    const startedAt = clock.now();
    const task = { kind, bytes: transferable(bytes) };
    const found = await parsers.parse(task, options.timeoutSeconds * 1000, signal);
    metrics.count('extract-files/FilesParsed', 1);
    metrics.milliseconds('extract-files/ParseTime', clock.now() - startedAt);
    return found;
  };

  /** What was found in the same content before. A cache that fails counts as empty. */
  const recall = async (content: Content, { log, signal }: Context): Promise<Found | undefined> => {
    try {
      const found = await cache.get(content, signal);
      if (found) metrics.count('extract-files/FilesFromCache', 1);
      return found;
    } catch (error) {
      signal.throwIfAborted();
      log.warn('extract-files: cache not read', { error: String(error) });
      return undefined;
    }
  };

  const remember = (content: Content, found: Found, { log, signal }: Context) =>
    cache.put(content, found, signal).catch((error) => {
      signal.throwIfAborted();
      log.warn('extract-files: cache not written', { error: String(error) });
    });

  /** Waits for memory once the size is known: the item's own figure may be wrong or missing. */
  const extract = async (item: FileItem, context: Context): Promise<ExtractedFile> => {
    const { tenant, signal } = context;
    const size = await soon(signal, (own) => sizeOf(blobs, tenant, item.key, own));
    const release = await budget.take(size, signal);
    try {
      const bytes = await soon(signal, (own) => readFile(blobs, item.key, size, own));
      return await contentOf(bytes, item, context);
    } finally {
      release();
    }
  };

  const contentOf = async (bytes: Buffer, item: FileItem, context: Context): Promise<ExtractedFile> => {
    const { tenant, jobId, index, signal } = context;
    const name = nameOf(item);
    // The buffer is transferred to the parser's thread.
    const size = bytes.length;
    const content = { tenant, hash: await hashOf(bytes), kind: kindOf(bytes, name) };
    const known = await recall(content, context);
    const found = known ?? (await parse(bytes, content, context));
    const text = { key: `jobs/${jobId}/texts/${index}.txt`, bytes: found.text.length };
    await Promise.all([
      blobs.put(text.key, found.text, 'text/plain; charset=utf-8', signal),
      known ?? remember(content, found, context),
    ]);
    const own = { name, bytes: size, sha256: content.hash, ...found.info, text, cached: known !== undefined };
    return { ...item, ...own };
  };

  /** Reads within the time limit for a file. */
  const soon = <T>(signal: AbortSignal, read: (own: AbortSignal) => Promise<T>) =>
    within(clock, readLimitMs, signal, read).catch((error) => {
      const late = error instanceof ItemError && error.code === 'ITEM_TIMED_OUT';
      // This is neither the file's fault nor the job's.
      if (late)
        throw new InfrastructureError(
          portErrors.STORE_UNAVAILABLE,
          'The file did not arrive in time',
          'object store',
          error,
        );
      throw error;
    });

  const persist = async (item: FileItem, context: Context): Promise<ExtractedFile> => {
    let delay = new ExponentialBackoff(backOff).next();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await extract(item, context);
      } catch (error) {
        context.signal.throwIfAborted();
        if (postponedIn(error)) throw error;
        // Errors other than our own come from the store.
        const passing = !(error instanceof SpillwayError) || error.retryable;
        if (!passing || attempt === attempts) throw error;
        const { jobId, index, log, signal } = context;
        log.warn('extract-files: attempt failed', { jobId, index, attempt, failure: toFailure(error) });
        await sleep(clock, delay.duration, signal);
        delay = delay.next(undefined);
      }
    }
  };

  /** For a summary. If a text cannot be read, the summary uses the outcome's excerpt alone. */
  const readText: ReadText = (key, chars) =>
    firstChars(blobs, key, chars).catch(() => {
      metrics.count('extract-files/TextsNotRead', 1);
      return undefined;
    });

  return defineWorkload<FileItem, ExtractOptions, ExtractedFile>({
    name: 'extract-files',
    description: 'Extracts text, structure and key phrases from documents, and merges them by folder',
    item: fileItem,
    options: extractOptions,
    columns: ['key'],
    items: 'files',
    memory: 'large',
    limits: { concurrency: 8, sliceSize: 40, checkpointMs: 500, expectedMsPerUnit: 5_000 },
    figures: (_options, run) => documentFigures(run),
    weight: ({ bytes = 0 }) => weightOf(Math.min(bytes, maxFileBytes)),
    tune: ({ concurrency }) => ({ concurrency }),
    run: persist,
    idOf: nameOf,
    summary: ({ maxContextChars }) => summarize(maxContextChars, readText),
    view: { show: (outcome) => showFile(outcome, blobs) },
  });
}

const nameOf = ({ key, name }: FileItem) => name || posix.basename(key);
