import * as z from 'zod';
import { sleep } from '../../../core/engine/clock.ts';
import { Postponed, SpillwayError } from '../../../core/engine/errors.ts';
import { type ApiOptions, readAnswer } from '../../../core/http/api.ts';
import { createUpstream } from '../../../core/http/client.ts';
import type { Budgeted, Found } from '../../../core/http/coalesce.ts';
import { UpstreamError, upstreamErrors } from '../../../core/http/upstream-error.ts';
import { httpVerdict } from '../../../core/http/verdict.ts';
import { leadErrors } from '../lead-errors.ts';
import { type ChatRequest, type Completion, chatBody, completionAnswer } from './groq-chat.ts';

/** Most lines in a batch (console.groq.com, batch). */
export const maxBatchLines = 50_000;
/** A full batch's answers, at four kilobytes each. */
const maxFileBytes = 200 * 2 ** 20;

export type GroqBatchOptions = ApiOptions<string> & {
  /** How long Groq may take, `24h` to `7d`. Default: `24h`. */
  window?: string;
};

const batchAnswer = z
  .object({
    id: z.string(),
    status: z.string(),
    input_file_id: z.string(),
    request_counts: z
      .object({ total: z.number(), completed: z.number(), failed: z.number() })
      .default({ total: 0, completed: 0, failed: 0 }),
    output_file_id: z.string().nullish(),
    error_file_id: z.string().nullish(),
    errors: z.object({ data: z.array(z.object({ message: z.string() })).default([]) }).nullish(),
  })
  .transform(({ id, status, input_file_id, request_counts, output_file_id, error_file_id, errors }) => ({
    id,
    /** `completed`, `failed`, `expired` or `cancelled`; any other status means that it is still under way. */
    status,
    inputFile: input_file_id,
    counts: request_counts,
    /** The files that hold the lines' answers and errors. */
    files: [output_file_id, error_file_id].filter((file) => typeof file === 'string'),
    /** Errors in the input. */
    problems: errors?.data.map(({ message }) => message) ?? [],
  }));

export type Batch = z.output<typeof batchAnswer>;

/** Chats at half the price, within a day, outside all rate limits. Throws what {@link createUpstream} throws. */
export interface GroqBatches {
  /** Uploads a batch's requests under the caller's ids. Resolves to the file's id. A second copy does no harm. */
  upload(requests: ReadonlyMap<string, ChatRequest>, budget: Budgeted): Promise<string>;
  /** Starts the batch of an uploaded file. After `OUTCOME_UNKNOWN` it may have started: `find` tells. */
  start(file: string, budget: Budgeted): Promise<Batch>;
  /** The batch started from a file, if it is among the latest; otherwise undefined. */
  find(file: string, budget: Budgeted): Promise<Batch | undefined>;
  /** Its current state. */
  look(id: string, budget: Budgeted): Promise<Batch>;
  /** Waits until it has ended, checking every `everyMs`; throws {@link Postponed} if the budget ends first. */
  ended(id: string, everyMs: number, budget: Budgeted): Promise<Batch>;
  /** Answers and errors by the caller's ids, once it has ended. Requests that Groq did not get to are missing. */
  results(batch: Batch, budget: Budgeted): Promise<Map<string, Found<Completion>>>;
  close(): Promise<void>;
}

const endings: ReadonlySet<string> = new Set(['completed', 'failed', 'expired', 'cancelled']);

/** True once nothing more will come of the batch. */
export const hasEnded = ({ status }: Batch): boolean => endings.has(status);

const listAnswer = z.object({ data: z.array(batchAnswer) });
const fileAnswer = z.object({ id: z.string() });
const lineAnswer = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), body: z.unknown() }).nullish(),
  error: z.object({ message: z.string() }).nullish(),
});

export function createGroqBatches(options: GroqBatchOptions): GroqBatches {
  const { clock } = options.deps;
  const name = options.name ?? 'groq-batch';
  const upstream = createUpstream(
    {
      name,
      baseUrl: options.baseUrl ?? 'https://api.groq.com',
      timeoutMs: 120_000,
      maxAnswerBytes: maxFileBytes,
      ...options.tuning,
    },
    options.deps,
  );
  const headers = { authorization: `Bearer ${options.key}` };

  const upload: GroqBatches['upload'] = async (requests, budget) => {
    if (requests.size < 1 || requests.size > maxBatchLines) {
      const message = `A batch has 1 to ${maxBatchLines} requests, but this one has ${requests.size}`;
      throw new SpillwayError(leadErrors.BATCH_INVALID, message);
    }
    const lines = Array.from(requests, ([custom_id, request]) =>
      JSON.stringify({ custom_id, method: 'POST', url: '/v1/chat/completions', body: chatBody(request) }),
    );
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new Blob([`${lines.join('\n')}\n`]), 'batch.jsonl');
    // `Response` is the standard library's encoder for forms with files.
    const encoded = new Response(form);
    const type = encoded.headers.get('content-type') ?? '';
    const raw = { type, content: new Uint8Array(await encoded.arrayBuffer()) };
    const answer = await upstream.call({
      ...{ path: 'openai/v1/files', method: 'POST', headers, raw, repeatable: true },
      ...budget,
    });
    return readAnswer(name, fileAnswer, answer).id;
  };

  const look: GroqBatches['look'] = async (id, budget) => {
    const path = `openai/v1/batches/${encodeURIComponent(id)}`;
    return readAnswer(name, batchAnswer, await upstream.call({ path, headers, ...budget }));
  };

  const read = async (file: string, budget: Budgeted): Promise<[string, Found<Completion>][]> => {
    const path = `openai/v1/files/${encodeURIComponent(file)}/content`;
    const { status, body } = await upstream.call({ path, headers, ...budget });
    // A file of one line is parsed as the JSON that it is.
    const values =
      typeof body === 'string'
        ? body
            .split('\n')
            .filter((line) => line.trim() !== '')
            .map(parsed)
        : [body];
    return values.map((value) => {
      const line = readAnswer(name, lineAnswer, { status, body: value });
      return [line.custom_id, foundIn(name, line)];
    });
  };

  return {
    upload,
    async start(file, budget) {
      const json = {
        input_file_id: file,
        endpoint: '/v1/chat/completions',
        completion_window: options.window ?? '24h',
      };
      const answer = await upstream.call({ path: 'openai/v1/batches', headers, json, ...budget });
      return readAnswer(name, batchAnswer, answer);
    },
    async find(file, budget) {
      const answer = await upstream.call({ path: 'openai/v1/batches', headers, ...budget });
      return readAnswer(name, listAnswer, answer).data.find(({ inputFile }) => inputFile === file);
    },
    look,
    async ended(id, everyMs, budget) {
      for (;;) {
        const batch = await look(id, budget);
        if (hasEnded(batch)) return batch;
        const until = clock.now() + everyMs;
        if (until > budget.stopAt) {
          const { completed, total } = batch.counts;
          const message = `The batch has answered ${completed} of ${total} requests`;
          throw new Postponed(leadErrors.BATCH_RUNNING, message, name, until);
        }
        await sleep(clock, everyMs, budget.signal);
      }
    },
    async results({ files }, budget) {
      const entries = await Promise.all(files.map((file) => read(file, budget)));
      return new Map(entries.flat());
    },
    close: upstream.close,
  };
}

/** The answer or error in a line of a result file. */
function foundIn(name: string, { response, error }: z.output<typeof lineAnswer>): Found<Completion> {
  if (!response) {
    const details = { upstream: name };
    const message = `${name}: ${error?.message ?? 'the line has no answer'}`;
    return { error: new UpstreamError('UPSTREAM_FAILED', message, { details }) };
  }
  const { status_code: status, body } = response;
  const verdict = httpVerdict({ status, headers: {}, body });
  if (verdict.kind !== 'fine') {
    const { code, message, retryable } =
      verdict.kind === 'failed' ? verdict : { ...upstreamErrors.UPSTREAM_FAILED, message: 'throttled' };
    const details = { upstream: name, status };
    return { error: new UpstreamError(code, `${name}: ${message}`, { retryable, details }) };
  }
  try {
    return { value: readAnswer(name, completionAnswer, { status, body }) };
  } catch (thrown) {
    return { error: thrown };
  }
}

/** Undefined if the line is not JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
