import * as z from 'zod';

/** What a model is asked. */
export interface ChatRequest {
  model: string;
  messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[];
  /** The longest answer, in tokens: the limit counts it in full until the answer is there. */
  maxCompletionTokens: number;
  /** 0 to 2. */
  temperature?: number;
  /** The same seed and request give, as far as possible, the same answer. */
  seed?: number;
  responseFormat?:
    | { type: 'text' | 'json_object' }
    | { type: 'json_schema'; json_schema: { name: string; schema: Readonly<Record<string, unknown>> } };
}

/** What it answers. */
export interface Completion {
  content: string;
  /** `length`: cut off at `maxCompletionTokens`. */
  finishReason: string;
  promptTokens: number;
  completionTokens: number;
  /** Groq's own id of the request, for questions to its support. */
  requestId: string | undefined;
}

/** The request as it goes over the wire (OpenAI's shape). */
export function chatBody(request: ChatRequest): Record<string, unknown> {
  const { model, messages, maxCompletionTokens, temperature, seed, responseFormat } = request;
  return {
    ...{ model, messages, max_completion_tokens: maxCompletionTokens },
    ...{ temperature, seed, response_format: responseFormat },
  };
}

export const completionAnswer = z
  .object({
    choices: z
      .array(z.object({ message: z.object({ content: z.string().nullable() }), finish_reason: z.string() }))
      .min(1),
    usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }),
    x_groq: z.object({ id: z.string() }).optional(),
  })
  .transform(
    ({ choices: [choice], usage, x_groq }): Completion => ({
      content: choice?.message.content ?? '',
      finishReason: choice?.finish_reason ?? '',
      promptTokens: usage.prompt_tokens,
      completionTokens: usage.completion_tokens,
      requestId: x_groq?.id,
    }),
  );

/**
 * Bytes of UTF-8 in a token, a little fewer than there are: English has about four characters in one, other scripts
 * fewer, but more bytes.
 */
const bytesPerToken = 3;
/** What a model's template adds to a message, and to the whole. */
const perMessage = 4;
const perRequest = 3;

/** Tokens that a request may take at most, as near as can be told before. */
export function estimateTokens({ messages, maxCompletionTokens }: ChatRequest): number {
  const prompt = messages.reduce(
    (sum, { content }) => sum + perMessage + Math.ceil(Buffer.byteLength(content) / bytesPerToken),
    perRequest,
  );
  return prompt + maxCompletionTokens;
}
