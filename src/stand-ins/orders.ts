import * as z from 'zod';
import { apiNames } from './apis/index.ts';
import { outageModeSchema } from './physics/outages.ts';
import { settingsChangeSchema } from './settings.ts';

const api = z.enum(apiNames);
const mode = outageModeSchema.optional();

/**
 * Begins an outage (`on: true`), ends it (`on: false`), or begins one that lasts `forMs` milliseconds of sandbox time.
 * Default mode: `unavailable`.
 */
export const outageOrderSchema = z.union(
  [
    z.strictObject({ api, mode, on: z.boolean() }),
    z.strictObject({ api, mode, forMs: z.number().positive() }),
  ],
  'must be {api, mode?, on} or {api, mode?, forMs}',
);

export type OutageOrder = z.infer<typeof outageOrderSchema>;

/** Changes one API's settings; see `settings.ts`. */
export const configureOrderSchema = settingsChangeSchema.extend({ api }).strict();

export type ConfigureOrder = z.input<typeof configureOrderSchema>;

export const logQuerySchema = z.strictObject({
  api: api.optional(),
  /** Epoch milliseconds. */
  since: z.coerce.number().optional(),
});
