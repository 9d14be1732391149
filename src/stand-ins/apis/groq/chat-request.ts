import * as z from 'zod';

const textPart = z.object({ type: z.literal('text'), text: z.string() });

const messageSchema = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([
    z.string(),
    z.array(textPart).transform((parts) => parts.map(({ text }) => text).join('\n')),
  ]),
});

export const chatSchema = z.object({
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  max_completion_tokens: z.number().int().min(1).max(131_072).nullish(),
  /** The older name of the same. */
  max_tokens: z.number().int().min(1).max(131_072).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.number().int().nullish(),
  /** Flex has limits of its own, ten times as high. */
  service_tier: z.enum(['on_demand', 'flex', 'auto']).nullish(),
  stream: z.literal(false, 'The sandbox does not stream').nullish(),
  response_format: z
    .union([
      z.object({ type: z.enum(['text', 'json_object']) }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()) }),
      }),
    ])
    .nullish(),
});

export type ChatRequest = z.infer<typeof chatSchema>;

/** Tokens of a text, as a rule of thumb: four characters each. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Tokens of the prompt, with what the model's template adds for each message. */
export function promptTokens({ messages }: ChatRequest): number {
  return messages.reduce((sum, { content }) => sum + 4 + countTokens(content), 3);
}

/** The most tokens that the answer may have; undefined where the caller sets no limit. */
export function maxCompletionTokens(request: ChatRequest): number | undefined {
  return request.max_completion_tokens ?? request.max_tokens ?? undefined;
}
