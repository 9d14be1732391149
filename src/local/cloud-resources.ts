import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { systemClock } from '../engine/clock.ts';
import type { Endpoints } from './cloud.ts';
import type { BucketResource, QueueResource, Resource, TableResource } from './config-resources.ts';
import { until } from './until.ts';

export interface ResourceOptions {
  endpoints: Endpoints;
  /** Region and credentials of the SDK. */
  environment: Record<string, string>;
  resources: Map<string, Resource>;
}

/** Seconds for a new table to become usable. The embedded server needs none. */
const tableDeadlineSeconds = 30;

/** Options of every SDK client that talks to this cloud. Without keys in it, the SDK looks for credentials by itself. */
export function clientOptions(endpoint: string, environment: Record<string, string>) {
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = environment;
  const { AWS_SESSION_TOKEN: sessionToken } = environment;
  if (id === undefined || secret === undefined) return { endpoint, region };
  const credentials = {
    accessKeyId: id,
    secretAccessKey: secret,
    ...(sessionToken !== undefined && { sessionToken }),
  };
  return { endpoint, region, credentials };
}

/** Creates what does not exist yet. On AWS itself nothing is created: that is what a deployment is for. Returns the URLs of the queues, by logical id. */
export async function createResources(options: ResourceOptions): Promise<Map<string, string>> {
  const { endpoints, environment, resources } = options;
  const s3 = new S3Client({ ...clientOptions(endpoints.s3, environment), forcePathStyle: true });
  const sqs = new SQSClient(clientOptions(endpoints.sqs, environment));
  const dynamodb = new DynamoDBClient(clientOptions(endpoints.dynamodb, environment));
  const queueUrls = new Map<string, string>();
  try {
    for (const resource of resources.values()) {
      if (resource.kind === 'bucket' && !isAws(endpoints.s3)) await createBucket(s3, resource);
      if (resource.kind === 'table' && !isAws(endpoints.dynamodb)) await createTable(dynamodb, resource);
    }
    for (const [id, resource] of resources) {
      if (resource.kind !== 'queue') continue;
      const url = isAws(endpoints.sqs)
        ? await queueUrl(sqs, resource.name)
        : // Other servers make up host names that need not resolve, or remember a port of yesterday.
          new URL(new URL(await createQueue(sqs, resource)).pathname, endpoints.sqs).href;
      if (url !== undefined) queueUrls.set(id, url);
    }
    if (!isAws(endpoints.sqs)) await setRedrives(sqs, resources, queueUrls);
    return queueUrls;
  } finally {
    for (const client of [s3, sqs, dynamodb]) client.destroy();
  }
}

function isAws(endpoint: string): boolean {
  return /\.(amazonaws\.com|api\.aws|amazonaws\.com\.cn)$/.test(new URL(endpoint).hostname);
}

async function createBucket(s3: S3Client, { name }: BucketResource): Promise<void> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: name }));
  } catch (error) {
    if (!hasName(error, 'NotFound', 'NoSuchBucket')) throw error;
    await s3.send(new CreateBucketCommand({ Bucket: name }));
  }
}

async function createTable(dynamodb: DynamoDBClient, table: TableResource): Promise<void> {
  const status = async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table.name }));
    return Table?.TableStatus;
  };
  try {
    await status();
  } catch (error) {
    if (!hasName(error, 'ResourceNotFoundException')) throw error;
    await dynamodb.send(
      new CreateTableCommand({
        TableName: table.name,
        AttributeDefinitions: table.attributes,
        KeySchema: table.keys,
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }
  await until(systemClock, tableDeadlineSeconds, `table ${table.name} to become active`, async () => {
    return (await status()) === 'ACTIVE';
  });
}

async function queueUrl(sqs: SQSClient, name: string): Promise<string | undefined> {
  try {
    return (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
  } catch (error) {
    if (!hasName(error, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue')) throw error;
    return undefined;
  }
}

/** A queue that exists takes on the attributes of today's file. */
async function createQueue(sqs: SQSClient, queue: QueueResource): Promise<string> {
  const existing = await queueUrl(sqs, queue.name);
  if (existing === undefined) {
    const created = await sqs.send(
      new CreateQueueCommand({ QueueName: queue.name, Attributes: queue.attributes }),
    );
    return created.QueueUrl ?? '';
  }
  if (Object.keys(queue.attributes).length > 0) {
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: existing, Attributes: queue.attributes }));
  }
  return existing;
}

/** Asks the server for the dead-letter queues' ARNs: accounts and regions are its own affair. */
async function setRedrives(sqs: SQSClient, resources: Map<string, Resource>, urls: Map<string, string>) {
  for (const [id, queue] of resources) {
    if (queue.kind !== 'queue' || queue.redrive === undefined) continue;
    const QueueUrl = urls.get(queue.redrive.target);
    const target = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const policy = {
      deadLetterTargetArn: target.Attributes?.QueueArn,
      maxReceiveCount: queue.redrive.maxReceiveCount,
    };
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: urls.get(id),
        Attributes: { RedrivePolicy: JSON.stringify(policy) },
      }),
    );
  }
}

function hasName(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
