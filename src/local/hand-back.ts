import { DeleteMessageBatchCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { awsClients } from '../aws/clients.ts';

/** What fauxqs reports about a queue: its README, "Queue inspection". */
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

/** Maximum messages per call. Source: Amazon SQS quotas. */
const callLimit = 10;

type Received = z.output<typeof inspected>['messages']['inflight'];

/**
 * Sends messages that a previous service had received to the embedded queues again: their receivers are gone
 * with that service, and nobody wants to wait for the visibility timeout. The service's end says nothing
 * about the messages, so it does not bring them closer to the dead-letter queue.
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

/** Sends before it deletes: a message may arrive twice, but is not lost. */
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
