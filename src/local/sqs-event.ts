import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import * as z from 'zod';

/** A record of an SQS event, in the shape that Lambda delivers. */
export interface SqsRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, unknown>;
  md5OfBody: string;
  eventSource: 'aws:sqs';
  eventSourceARN: string;
  awsRegion: string;
}

export function sqsRecord(message: Message, eventSourceARN: string, awsRegion: string): SqsRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, recordAttribute(value)])),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}

function recordAttribute({ StringValue, BinaryValue, DataType }: MessageAttributeValue) {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}

const reportSchema = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
  })
  .nullable();

/**
 * The messages that succeeded according to a report of item failures. As on Lambda, an empty or missing
 * report means that all did, and a malformed one that none did; a report that names a message outside the
 * batch counts as malformed. Source: AWS Lambda developer guide, "Implementing partial batch responses".
 */
export function succeeded<T extends { messageId: string }>(records: readonly T[], report: unknown): T[] {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return [];
  const failed = new Set(parsed.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(records.map(({ messageId }) => messageId));
  if (![...failed].every((id) => known.has(id))) return [];
  return records.filter(({ messageId }) => !failed.has(messageId));
}
