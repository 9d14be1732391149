import { DeleteMessageBatchCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { awsClients } from '../aws/clients.ts';

/** What fauxqs tells of a queue: its README, "Queue inspection". */
const inspected = z.object({
  messages: z.object({
    inflight: z.array(
      z.object({
        receiptHandle: z.string(),
        message: z.object({ body: z.string(), messageGroupId: z.string().optional() }),
      }),
    ),
  }),
});

/** Messages that one call may name. Source: Amazon SQS quotas. */
const callLimit = 10;

type Received = z.output<typeof inspected>['messages']['inflight'];

/**
 * Puts the messages that a service before this one had received back into the embedded queues, anew: whoever received
 * them is gone with that service, and nobody wants to wait for the visibility timeout. That it ended says nothing about
 * them, so they do not come closer to the dead-letter queue.
 */
export async function handBackReceived(
  queueUrls: Iterable<string>,
  environment: Record<string, string>,
): Promise<void> {
  const { sqs } = awsClients(environment);
  try {
    for (const url of queueUrls) {
      const received = await receivedOf(url);
      for (let start = 0; start < received.length; start += callLimit)
        await sendAnew(sqs, url, received.slice(start, start + callLimit));
    }
  } finally {
    sqs.destroy();
  }
}

async function receivedOf(queueUrl: string): Promise<Received> {
  const { origin, pathname } = new URL(queueUrl);
  const name = pathname.slice(pathname.lastIndexOf('/') + 1);
  const response = await fetch(`${origin}/_fauxqs/queues/${name}`);
  return inspected.parse(await response.json()).messages.inflight;
}

/** Sent before it is deleted: a message may come twice, but is not lost. */
async function sendAnew(sqs: SQSClient, QueueUrl: string, messages: Received): Promise<void> {
  const copies = messages.map(({ message: { body, messageGroupId } }, index) => ({
    Id: String(index),
    MessageBody: body,
    ...(messageGroupId !== undefined && { MessageGroupId: messageGroupId }),
  }));
  const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: copies }));
  if (Failed.length > 0) throw new Error(`${QueueUrl} refuses messages: ${Failed[0]?.Message}`);
  const originals = messages.map(({ receiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle: receiptHandle,
  }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: originals }));
}
