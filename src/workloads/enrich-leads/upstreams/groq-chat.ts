import * as z from 'zod';

/** A request to a model. */
export interface ChatRequest {
  model: string;
  messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[];
  /** The longest answer, in tokens: until the answer arrives, the limit counts all of them. */
  maxCompletionTokens: number;
  /** 0 to 2. */
  temperature?: number;
  /** The same seed and request give the same answer, as far as possible. */
  seed?: number;
  responseFormat?:
    | { type: 'text' | 'json_object' }
    | { type: 'json_schema'; json_schema: { name: string; schema: Readonly<Record<string, unknown>> } };
}

/** The model's answer. */
export interface Completion {
  content: string;
  /** `length`: cut off at `maxCompletionTokens`. */
  finishReason: string;
  promptTokens: number;
  completionTokens: number;
  /** Groq's id of the request, for questions to its support. */
  requestId: string | undefined;
}

/** The request on the wire, in OpenAI's shape. */
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
 * Bytes of UTF-8 in a token, set a little low: English has about four characters in one; other scripts have fewer,
 * but with more bytes each.
 */
const bytesPerToken = 3;
/** Tokens that a model's template adds to each message, and to the whole. */
const perMessage = 4;
const perRequest = 3;

/** The most tokens that a request may take, as well as can be known beforehand. */
export function estimateTokens({ messages, maxCompletionTokens }: ChatRequest): number {
  const prompt = messages.reduce(
    (sum, { content }) => sum + perMessage + Math.ceil(Buffer.byteLength(content) / bytesPerToken),
    perRequest,
  );
  return prompt + maxCompletionTokens;
}
