import * as z from 'zod';

export const webhook = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an https URL' })
      .max(2_048)
      .describe('URL that receives a signed POST'),
  })
  .describe('Called when the job ends, as defined by Standard Webhooks');

/** The URL to call when a job ends. */
export type Webhook = z.output<typeof webhook>;

/** Accepted among the options of every workload, and removed before the workload sees them. */
export const withWebhook = { webhook: webhook.exactOptional() };
