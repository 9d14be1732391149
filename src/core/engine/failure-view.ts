import * as z from 'zod';
import type { Failure } from './errors.ts';

/** What went wrong, as data. */
export const failureView = z.object({
  code: z.string().describe('Stable, in UPPER_SNAKE_CASE'),
  message: z.string(),
  retryable: z.boolean().describe('Whether the same thing, tried again later, can succeed'),
  details: z.unknown().optional(),
}) satisfies z.ZodType<Failure>;
