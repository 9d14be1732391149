import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import type { SliceRef } from '../../src/jobs/job.ts';
import { log, logger, metrics, powertoolsMetrics } from './powertools.ts';

const pointer = z.object({ jobId: z.string().min(1), sliceId: z.string().min(1) });

/** Wraps the handler of a queue of slice pointers: each message by itself; those that fail are reported and come again. */
export function sliceMessages(handle: (ref: SliceRef, context: Context) => Promise<void>) {
  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger, { clearState: true }))
    .use(logMetrics(powertoolsMetrics))
    .handler(async ({ Records }, context) => {
      const results = await Promise.allSettled(
        Records.map(async (record) => handle(pointerOf(record), context)),
      );
      const failed = results.flatMap((result, position) => {
        const messageId = Records[position]?.messageId;
        if (result.status === 'fulfilled' || messageId === undefined) return [];
        log.error('message failed', { messageId, error: String(result.reason) });
        metrics.count('MessagesFailed', 1);
        return [{ itemIdentifier: messageId }];
      });
      return { batchItemFailures: failed };
    });
}

/** Throws for a body that is no pointer: such a message ends in the dead-letter queue, where somebody can look at it. */
function pointerOf({ body }: SQSRecord): SliceRef {
  return pointer.parse(JSON.parse(body));
}
