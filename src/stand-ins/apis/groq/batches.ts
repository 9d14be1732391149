import * as z from 'zod';
import { hex } from '../../physics/chance.ts';
import { median } from '../../physics/latency.ts';
import { type Instant, milliseconds } from '../../physics/time.ts';
import type { World } from '../api.ts';
import { type BatchResult, workBatch } from './batch-lines.ts';
import { complete } from './completion.ts';
import type { Files } from './files.ts';

export const batchSchema = z.object({
  input_file_id: z.string(),
  endpoint: z.literal('/v1/chat/completions'),
  completion_window: z.string().regex(/^(24h|[1-7]d)$/, 'must be from 24h to 7d'),
  metadata: z.record(z.string(), z.string()).nullish(),
});

export type BatchRequest = z.infer<typeof batchSchema>;

/** Milliseconds that a batch is looked at before it starts. */
const validationMs = 1000;
/** Lines that are answered at a time. */
const parallelLines = 50;

interface Batch {
  id: string;
  request: BatchRequest;
  createdAt: number;
  startedAt: Instant;
  /** Undefined until every line has been looked at. */
  result: BatchResult | undefined;
  outputs: { output_file_id?: string | undefined; error_file_id?: string | undefined };
}

export interface Batches {
  /** The input file must exist. */
  start(request: BatchRequest): unknown;
  /** As it stands now; undefined for an unknown id. */
  find(id: string): unknown;
  /** The latest first. */
  list(): unknown[];
}

/**
 * Batches take a second, and then as long as their lines take 50 at a time: change the API's latency to change that.
 * Scheduled errors hit single lines, by their custom_id.
 */
export function createBatches(world: World, files: Files): Batches {
  const { time, random, settings, poisoned } = world;
  const batches = new Map<string, Batch>();

  function failureOf(customId: string): number | undefined {
    const { errors } = settings();
    if (poisoned(customId)) return errors.keyStatus;
    return random('groq line', customId)() < errors.share ? errors.status : undefined;
  }

  /** Milliseconds of work on the lines. */
  const workMsOf = ({ total }: BatchResult) => (total * median(settings().latency)) / parallelLines;

  /** The share of the lines that is answered by now, 0 to 1; negative while the file is looked at. */
  function progress({ startedAt, result }: Batch): number {
    if (result === undefined) return -1;
    const workMs = workMsOf(result);
    const sinceStart = milliseconds(time.now() - startedAt) - validationMs;
    return sinceStart < 0 ? -1 : Math.min(1, workMs === 0 ? 1 : sinceStart / workMs);
  }

  function view(batch: Batch) {
    const { id, request, createdAt, result } = batch;
    const done = progress(batch);
    const seconds = (ms: number) => Math.floor((createdAt + time.toReal(ms)) / 1000);
    const base = {
      id,
      object: 'batch',
      endpoint: request.endpoint,
      input_file_id: request.input_file_id,
      completion_window: request.completion_window,
      created_at: seconds(0),
      expires_at: seconds(24 * 3_600_000),
      metadata: request.metadata ?? null,
      errors: null,
    };
    if (result === undefined || done < 0) {
      return { ...base, status: 'validating', request_counts: { total: 0, completed: 0, failed: 0 } };
    }
    if (result.errors.length > 0) {
      const counts = { total: result.total, completed: 0, failed: 0 };
      const errors = { object: 'list', data: result.errors.slice(0, 100) };
      return { ...base, status: 'failed', failed_at: seconds(validationMs), errors, request_counts: counts };
    }
    const request_counts = {
      total: result.total,
      completed: Math.floor(result.completed.length * done),
      failed: Math.floor(result.failed.length * done),
    };
    const started = { ...base, in_progress_at: seconds(validationMs), request_counts };
    if (done < 1) return { ...started, status: 'in_progress' };
    const completed_at = seconds(validationMs + workMsOf(result));
    return { ...started, status: 'completed', completed_at, ...store(batch) };
  }

  /** Makes files of the result, the first time that it is asked for. */
  function store({ id, result, outputs }: Batch): Batch['outputs'] {
    const add = (name: string, lines: readonly string[] = []) =>
      lines.length === 0
        ? undefined
        : files.add(`${id}_${name}.jsonl`, 'batch_output', `${lines.join('\n')}\n`).id;
    outputs.output_file_id ??= add('output', result?.completed);
    outputs.error_file_id ??= add('error', result?.failed);
    return outputs;
  }

  return {
    start: (request) => {
      const id = `batch_${hex(random('groq batch', batches.size), 26)}`;
      const createdAt = time.epochMs();
      const batch: Batch = {
        ...{ id, request, createdAt, startedAt: time.now() },
        ...{ result: undefined, outputs: {} },
      };
      batches.set(id, batch);
      void workBatch({
        text: files.text(request.input_file_id) ?? '',
        complete: (chat) => complete(chat, random('groq', JSON.stringify(chat)), createdAt),
        failureOf,
        random: random(id),
      }).then((result) => {
        batch.result = result;
      });
      return view(batch);
    },
    find: (id) => {
      const batch = batches.get(id);
      return batch && view(batch);
    },
    list: () => [...batches.values()].reverse().map(view),
  };
}
