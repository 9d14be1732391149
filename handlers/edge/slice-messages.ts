import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { causesOf } from '../../src/core/engine/errors.ts';
import type { SliceRef } from '../../src/core/jobs/model/slice.ts';
import { withDeadline } from './deadline.ts';
import { log, logger, metrics, powertoolsMetrics } from './powertools.ts';

const pointer = z.object({ jobId: z.string().min(1), sliceId: z.string().min(1) });

/**
 * Wraps the handler of a queue of slice pointers. Handles each message separately; failed messages are reported and
 * delivered again. A body that is no pointer ends in the dead-letter queue, where an operator can inspect it.
 */
export function sliceMessages(handle: (ref: SliceRef, context: Context) => Promise<void>) {
  return middy<SQSEvent, SQSBatchResponse>()
    .use(withDeadline)
    .use(injectLambdaContext(logger, { clearState: true }))
    .use(logMetrics(powertoolsMetrics))
    .handler(async ({ Records }, context) => {
      const failed = await Promise.all(
        Records.map(async (record) => {
          const { messageId, body } = record;
          let ref: SliceRef | undefined;
          try {
            ref = pointer.parse(JSON.parse(body));
            await handle(ref, context);
            return [];
          } catch (error) {
            log.error('message failed', { messageId, ...(ref ?? { body }), error: causesOf(error) });
            metrics.count('MessagesFailed', 1);
            return [{ itemIdentifier: messageId }];
          }
        }),
      );
      return { batchItemFailures: failed.flat() };
    });
}
