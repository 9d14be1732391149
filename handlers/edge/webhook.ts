import { SpillwayError } from '../../src/core/engine/errors.ts';
import { jobErrors } from '../../src/core/jobs/model/job-errors.ts';
import type { Webhook } from '../../src/core/jobs/model/webhook.ts';
import type { Submission } from '../../src/core/jobs/submit.ts';
import { edgeErrors } from './edge-errors.ts';
import { Problem } from './problem.ts';
import { jobs } from './runtime.ts';

/**
 * Separates the webhook from a request's options; the rest belongs to the workload. Throws
 * `WEBHOOKS_NOT_CONFIGURED`, and `INVALID_INPUT` for an address that webhooks never call.
 */
export function webhookApart({
  webhook,
  ...options
}: {
  webhook?: Webhook;
}): Pick<Submission, 'options' | 'webhook'> {
  if (!webhook) return { options };
  if (!jobs.notifier) {
    throw new Problem(
      jobErrors.WEBHOOKS_NOT_CONFIGURED,
      'The service cannot sign webhooks: SPILLWAY_WEBHOOK_SECRET is not set',
    );
  }
  try {
    jobs.notifier.check(webhook.url);
  } catch (error) {
    if (!(error instanceof SpillwayError)) throw error;
    throw new Problem(edgeErrors.INVALID_INPUT, 'The service cannot call this webhook', {
      errors: [{ path: 'options.webhook.url', message: error.message }],
    });
  }
  return { options, webhook };
}
