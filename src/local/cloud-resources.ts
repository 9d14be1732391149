import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, ListObjectsV2Command, paginateListBuckets } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { type AwsClients, awsClients } from '../aws/clients.ts';
import { systemClock } from '../core/engine/clock.ts';
import type { BucketResource, QueueResource, Resource, TableResource } from './config-resources.ts';
import { ask, type Server, type Servers, unusable } from './servers.ts';
import { until } from './until.ts';

export interface ResourceOptions {
  servers: Servers;
  /** Points an AWS SDK at the servers. */
  environment: Record<string, string>;
  resources: Map<string, Resource>;
}

/** Seconds for a new table to become usable. The embedded server needs none. */
const tableDeadlineSeconds = 30;

/**
 * Creates missing resources. On AWS itself it only checks that they exist, because creating them is a
 * deployment's job. Returns the URLs of the queues, by logical id. Throws `SERVER_UNUSABLE`.
 */
export async function createResources(options: ResourceOptions): Promise<Map<string, string>> {
  const clients = awsClients(options.environment);
  const work = { ...options, clients };
  try {
    // Waits for all of them, so that no request is still running when the clients are closed.
    const [buckets, tables, queues] = await Promise.allSettled([
      prepareBuckets(work),
      prepareTables(work),
      prepareQueues(work),
    ]);
    if (buckets.status === 'rejected') throw buckets.reason;
    if (tables.status === 'rejected') throw tables.reason;
    if (queues.status === 'rejected') throw queues.reason;
    return queues.value;
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

type Work = ResourceOptions & { clients: AwsClients };

async function prepareBuckets({ resources, ...work }: Work): Promise<void> {
  for (const resource of resources.values()) {
    if (resource.kind === 'bucket') await prepareBucket(work, resource);
  }
}

/** Lists the bucket instead of sending a HEAD: an answer to that has no body to say why the server refuses. */
async function prepareBucket(
  { servers, clients: { s3 } }: Omit<Work, 'resources'>,
  { name: Bucket }: BucketResource,
): Promise<void> {
  const server = servers.s3;
  if (server.aws) await ask(server, () => checkOwned(server, s3, Bucket));
  const look = () => s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
  if ((await ask(server, look, ['NoSuchBucket', 'NotFound'])) !== undefined) return;
  await ask(server, () => s3.send(new CreateBucketCommand({ Bucket })), ownAlready);
}

/** Another service has just created it. In us-east-1, S3 reports no error then. */
const ownAlready = ['BucketAlreadyOwnedByYou'];

/**
 * A bucket name belongs to the first account in all of AWS that takes it. A bucket that merely exists may be
 * a stranger's, who would then receive every photo. `ListBuckets` lists only the buckets of the
 * caller's own account, regardless of who may read them, so nobody has to know or configure the account's
 * number.
 */
export async function checkOwned(server: Server, s3: AwsClients['s3'], bucket: string): Promise<void> {
  for await (const { Buckets = [] } of paginateListBuckets({ client: s3 }, { Prefix: bucket })) {
    if (Buckets.some(({ Name }) => Name === bucket)) return;
  }
  throw unusable(server, `has no bucket ${bucket} (SPILLWAY_BUCKET) that belongs to this account`);
}

async function prepareTables({ servers, resources, clients: { dynamo } }: Work): Promise<void> {
  const server = servers.dynamodb;
  for (const table of resources.values()) {
    if (table.kind !== 'table') continue;
    const look = () => dynamo.send(new DescribeTableCommand({ TableName: table.name }));
    const found = () => ask(server, look, ['ResourceNotFoundException']);
    if ((await found()) === undefined) {
      if (server.aws) throw unusable(server, notDeployed(`table ${table.name}`));
      await ask(server, () => dynamo.send(creationOf(table)), ['ResourceInUseException']);
    }
    await until(systemClock, tableDeadlineSeconds, `table ${table.name} to become active`, async () => {
      return (await found())?.Table?.TableStatus === 'ACTIVE';
    });
  }
}

const creationOf = ({ name, attributes, keys }: TableResource) =>
  new CreateTableCommand({
    TableName: name,
    AttributeDefinitions: attributes,
    KeySchema: keys,
    BillingMode: 'PAY_PER_REQUEST',
  });

const notDeployed = (what: string) => `has no ${what}: a deployment creates it`;

async function prepareQueues(work: Work): Promise<Map<string, string>> {
  const { sqs: server } = work.servers;
  const urls = new Map<string, string>();
  for (const [id, resource] of work.resources) {
    if (resource.kind !== 'queue') continue;
    const url = await prepareQueue(work, resource);
    // Other servers invent host names that may not resolve, or remember an old port.
    urls.set(id, server.aws ? url : new URL(new URL(url).pathname, server.url).href);
  }
  if (!server.aws) await setRedrives(work, urls);
  return urls;
}

/** The queue's URL. An existing queue gets the attributes of the current file. */
async function prepareQueue(
  { servers: { sqs: server }, clients: { sqs } }: Work,
  { name, attributes }: QueueResource,
): Promise<string> {
  const found = await ask(server, () => sqs.send(new GetQueueUrlCommand({ QueueName: name })), [
    'QueueDoesNotExist',
    'AWS.SimpleQueueService.NonExistentQueue',
  ]);
  if (found === undefined) {
    if (server.aws) throw unusable(server, notDeployed(`queue ${name}`));
    const create = new CreateQueueCommand({ QueueName: name, Attributes: attributes });
    return (await ask(server, () => sqs.send(create)))?.QueueUrl ?? '';
  }
  const { QueueUrl = '' } = found;
  if (!server.aws && Object.keys(attributes).length > 0) {
    const set = new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes });
    await ask(server, () => sqs.send(set));
  }
  return QueueUrl;
}

/** Asks the server for the dead-letter queues' ARNs, because it chooses its own accounts and regions. */
async function setRedrives({ servers, resources, clients: { sqs } }: Work, urls: Map<string, string>) {
  for (const [id, queue] of resources) {
    if (queue.kind !== 'queue' || queue.redrive === undefined) continue;
    const { target, maxReceiveCount } = queue.redrive;
    await ask(servers.sqs, async () => {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: urls.get(target), AttributeNames: ['QueueArn'] }),
      );
      const policy = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount };
      await sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: urls.get(id),
          Attributes: { RedrivePolicy: JSON.stringify(policy) },
        }),
      );
    });
  }
}
