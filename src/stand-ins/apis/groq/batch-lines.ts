import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { hex, type Random } from '../../physics/chance.ts';
import { type ChatRequest, chatSchema } from './chat-request.ts';
import type { Completion } from './completion.ts';
import { errorBody } from './errors.ts';

export const maxLines = 50_000;

/** Lines that are worked on without a break; the server must answer others in between. */
const linesAtATime = 200;

const lineSchema = z.object({
  custom_id: z.string().min(1),
  method: z.literal('POST'),
  url: z.literal('/v1/chat/completions'),
  body: z.unknown(),
});

/** What is wrong with an input file, by line. */
export interface LineError {
  code: string;
  line: number;
  message: string;
  param: string | null;
}

export interface BatchResult {
  total: number;
  /** If there are any, nothing is done. */
  errors: LineError[];
  /** Lines of the two files that come out. */
  completed: string[];
  failed: string[];
}

export interface BatchWork {
  text: string;
  complete(request: ChatRequest): Completion;
  /** The status that the line with this id is scheduled to fail with. */
  failureOf(customId: string): number | undefined;
  random: Random;
}

/** Answers every line of an input file, in no particular order. */
export async function workBatch({ text, complete, failureOf, random }: BatchWork): Promise<BatchResult> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const result: BatchResult = { total: lines.length, errors: [], completed: [], failed: [] };
  const complain = (line: number, code: string, message: string, param: string | null = null) =>
    result.errors.push({ code, line, message, param });
  if (lines.length === 0) complain(1, 'empty_file', 'The input file is empty.');
  if (lines.length > maxLines)
    complain(maxLines + 1, 'too_many_lines', `At most ${maxLines} lines are allowed.`);
  const ids = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (result.errors.length > 0 && index > maxLines) break;
    if (index % linesAtATime === 0) await setImmediate();
    const parsed = lineSchema.safeParse(parse(line));
    if (!parsed.success) {
      const param = parsed.error.issues[0]?.path.join('.') || null;
      complain(index + 1, 'invalid_json_line', z.prettifyError(parsed.error), param);
      continue;
    }
    const { custom_id: id, body } = parsed.data;
    if (ids.has(id))
      complain(index + 1, 'duplicate_custom_id', `The custom_id ${id} is not unique.`, 'custom_id');
    ids.add(id);
    const answered = answer(body, failureOf(id), complete);
    const requestId = hex(random, 26);
    const response = { status_code: answered.status, request_id: `req_${requestId}`, body: answered.body };
    const out = JSON.stringify({ id: `batch_req_${requestId}`, custom_id: id, response, error: null });
    (answered.status === 200 ? result.completed : result.failed).push(out);
  }
  shuffle(result.completed, random);
  shuffle(result.failed, random);
  return result;
}

function answer(
  body: unknown,
  failure: number | undefined,
  complete: BatchWork['complete'],
): { status: number; body: unknown } {
  if (failure !== undefined) {
    return { status: failure, body: errorBody('Internal Server Error', 'internal_server_error') };
  }
  const request = chatSchema.safeParse(body);
  if (request.success) return { status: 200, body: complete(request.data) };
  return { status: 400, body: errorBody(z.prettifyError(request.error), 'invalid_request_error') };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Fisher–Yates. */
function shuffle(list: string[], random: Random): void {
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j] ?? '', list[i] ?? ''];
  }
}
