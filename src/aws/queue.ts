import { GetQueueAttributesCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import type { Queue } from '../core/jobs/model/ports.ts';
import type { SliceRef } from '../core/jobs/model/slice.ts';
import { refusedBy } from './faults.ts';

/** SQS takes at most ten messages per call. */
const batchSize = 10;
/** Concurrent calls: a retried job may have thousands of slices to send. */
const batchesAtOnce = 10;

/** {@link Queue} on one SQS queue. The tenant is the message group, which makes a standard queue a fair queue. */
export function sqsQueue(sqs: SQSClient, queueUrl: string): Queue {
  const sendBatch = async (messages: readonly SliceRef[], tenant: string, delaySeconds: number) => {
    const { Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages.map((message, position) => ({
          Id: String(position),
          MessageBody: JSON.stringify(message),
          MessageGroupId: tenant,
          DelaySeconds: delaySeconds,
        })),
      }),
    );
    if (Failed?.length) throw refusedBy('sqs', `${Failed.length} messages were refused: ${Failed[0]?.Code}`);
  };

  return {
    async send(messages, tenant, delaySeconds = 0) {
      const limit = pLimit(batchesAtOnce);
      const batches = [];
      for (let start = 0; start < messages.length; start += batchSize) {
        batches.push(limit(sendBatch, messages.slice(start, start + batchSize), tenant, delaySeconds));
      }
      await Promise.all(batches);
    },

    async waiting() {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      );
      return Number(Attributes?.ApproximateNumberOfMessages);
    },
  };
}
