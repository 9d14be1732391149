import { hex, pick, type Random, whole } from '../../physics/chance.ts';
import { type ChatRequest, countTokens, maxCompletionTokens, promptTokens } from './chat-request.ts';

/** Tokens that a model writes in a second. */
const tokensPerSecond = 280;

/** What a model answers: the same request always gets the same text. */
export function complete(request: ChatRequest, random: Random, epochMs: number) {
  const text = write(request, random);
  const limit = maxCompletionTokens(request);
  const cut = limit !== undefined && countTokens(text) > limit;
  const content = cut ? text.slice(0, limit * 4) : text;
  const prompt = promptTokens(request);
  const completion = countTokens(content);
  const times = { prompt_time: prompt / 20_000, completion_time: completion / tokensPerSecond };
  return {
    id: `chatcmpl-${hex(random, 8)}-${hex(random, 4)}-${hex(random, 4)}-${hex(random, 12)}`,
    object: 'chat.completion',
    created: Math.floor(epochMs / 1000),
    model: request.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content },
        logprobs: null,
        finish_reason: cut ? 'length' : 'stop',
      },
    ],
    usage: {
      queue_time: 0.02,
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      ...times,
      total_time: times.prompt_time + times.completion_time,
    },
    usage_breakdown: null,
    system_fingerprint: `fp_${hex(random, 10)}`,
    x_groq: { id: `req_${hex(random, 26)}` },
    service_tier: 'on_demand',
  };
}

export type Completion = ReturnType<typeof complete>;

function write({ messages, response_format: format }: ChatRequest, random: Random): string {
  const prompt = messages.findLast(({ role }) => role === 'user')?.content ?? messages.at(-1)?.content ?? '';
  const letter = compose(prompt, random);
  if (format?.type === 'json_object') return JSON.stringify(letter);
  if (format?.type === 'json_schema') return JSON.stringify(fill(format.json_schema.schema, letter, random));
  return letter.body;
}

interface Letter {
  subject: string;
  body: string;
}

/** A short letter about what the prompt tells. */
function compose(prompt: string, random: Random): Letter {
  const topic = excerpt(prompt);
  const greeting = pick(random, ['Hello', 'Hi there', 'Good morning', 'Dear team']);
  const opening = pick(random, [
    `I came across your work and this stayed with me: ${topic}.`,
    `We have been following what you do, in particular: ${topic}.`,
    `One thing caught my attention: ${topic}.`,
  ]);
  const offer = pick(random, [
    `Teams like yours save about ${whole(random, 4, 20)} hours a week with what we build.`,
    `We helped ${whole(random, 12, 400)} companies of your size to do the same work in half the time.`,
    `I believe that we can take some of that work off your hands, starting within ${whole(random, 1, 6)} weeks.`,
  ]);
  const question = pick(random, [
    'Would a short call next week suit you?',
    'May I send you two pages about it?',
    'Is this something that you are looking at this quarter?',
  ]);
  return {
    subject: `${pick(random, ['A thought on', 'An idea about', 'Regarding'])} ${topic.slice(0, 60)}`,
    body: `${greeting},\n\n${opening} ${offer}\n\n${question}\n\nBest regards`,
  };
}

/** The gist of a prompt: what stands after `name:` in its lines, or else its first words. */
function excerpt(prompt: string): string {
  const facts = [...prompt.matchAll(/^\s*[-*]?\s*[\w ]{2,30}:\s*(\S.{1,80})$/gm)].map(([, fact]) =>
    fact?.trim(),
  );
  const text =
    facts.length > 0 ? facts.slice(0, 3).join(', ') : prompt.replace(/\s+/g, ' ').trim().slice(0, 120);
  return text.replace(/[.,;:!?]+$/, '') || 'your company';
}

/** A value that fits a JSON schema: of objects every property, of lists one entry, of choices the first that is given. */
function fill(schema: unknown, letter: Letter, random: Random, name = ''): unknown {
  if (typeof schema !== 'object' || schema === null) return null;
  const { type, properties, items, enum: choices, anyOf } = schema as Readonly<Record<string, unknown>>;
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(anyOf)) return fill(anyOf[0], letter, random, name);
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(properties ?? {}).map(([key, value]) => [key, fill(value, letter, random, key)]),
      );
    case 'array':
      return [fill(items, letter, random, name)];
    case 'string':
      return /subject|title|headline/i.test(name) ? letter.subject : letter.body;
    case 'integer':
      return whole(random, 1, 100);
    case 'number':
      return whole(random, 1, 1000) / 10;
    case 'boolean':
      return random() < 0.5;
    default:
      return null;
  }
}
