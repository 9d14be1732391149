import * as z from 'zod';
import { JsonNumber } from '../../core/json/number.ts';
import { promptTemplate } from './template.ts';

/** Columns that every lead has; all but these and {@link optionalColumns} pass through. */
export const requiredColumns = ['company', 'domain', 'contact'] as const;
/** Columns that are used where a file has them. */
export const optionalColumns = ['role', 'email'] as const;

const cell = z.union([z.string(), z.number(), z.instanceof(JsonNumber), z.boolean(), z.null()]);

/**
 * A row of a file, or an object of a request. Its cells are checked when its turn comes, so that it fails alone.
 */
export const leadRow = z.record(z.string(), z.unknown()).superRefine((row, context) => {
  for (const column of requiredColumns) {
    const { success } = cell.safeParse(row[column]);
    if (!success) context.addIssue({ code: 'custom', path: [column], message: 'is missing' });
  }
});

export type LeadRow = z.output<typeof leadRow>;

/** Rows in a slice: enough to keep 20 slots busy, few enough for many workers. */
export const sliceSize = 60;

export const enrichLeadsOptions = z.strictObject({
  /** Rows that a worker processes at the same time; 1: one after the other. */
  parallel: z.int().min(1).max(200).default(20),
  /** `batch`: e-mails come through Groq's Batch API, at half the price, within a day. */
  emailMode: z.enum(['chat', 'batch']).default('chat'),
  /** One of Groq's models. */
  model: z
    .string()
    .regex(/^[\w./-]{1,100}$/, 'must be the id of a model')
    .default('llama-3.3-70b-versatile'),
  /** `flex`: ten times the rate limits, for paying accounts. */
  tier: z.enum(['on_demand', 'flex']).default('on_demand'),
  /** The prompt, with a lead's columns as `{{column}}`. Default: `defaultTemplate`. */
  prompt: promptTemplate.optional(),
  /** The offer: `{{offer}}` in the prompt. */
  offer: z.string().trim().max(1_000).default(''),
  /** The sender: `{{sender}}` in the prompt. */
  sender: z.string().trim().max(200).default(''),
  /** The longest e-mail, in tokens: until the e-mail arrives, the token limit counts all of them. */
  maxEmailTokens: z.int().min(50).max(2_000).default(400),
  /** 0: the same words for the same lead, as far as the model can; 2: anything. */
  temperature: z.number().min(0).max(2).default(0.7),
  /** Country of the search, such as `us`. Default: the search engine's own. */
  country: z
    .string()
    .regex(/^[a-z]{2}$/, 'must have two letters')
    .optional(),
  /** Language of the search, such as `en`. Default: the search engine's own. */
  language: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]{2})?$/, 'must be a code such as en or pt-br')
    .optional(),
});

export type EnrichLeadsOptions = z.output<typeof enrichLeadsOptions>;
