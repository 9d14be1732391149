import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import dynalite from 'dynalite';
import { startFauxqs } from 'fauxqs';
import { afterAll, beforeEach } from 'vitest';
import { s3Blobs } from '../../../src/aws/blobs.ts';
import { type AwsClients, portClients } from '../../../src/aws/clients.ts';
import { endpointIn, type ServerKind, serverKinds } from '../../../src/aws/endpoints.ts';
import { dynamoLedger } from '../../../src/aws/ledger.ts';
import { sqsQueue } from '../../../src/aws/queue.ts';
import { type Clock, systemClock } from '../../../src/core/engine/clock.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import type { SliceRef } from '../../../src/core/jobs/model/slice.ts';
import type { Workload } from '../../../src/core/jobs/workload.ts';
import { surroundings } from './surroundings.ts';

/** Files share servers, and workers: each has resources of its own. S3 bears no capitals in names. */
const newName = (kind: string) => `spillway-${kind}-${randomUUID()}`;

/** Those that the environment names, and embedded ones in memory for the rest. */
export async function startServers() {
  const isEmbedded = (kind: ServerKind) => endpointIn(process.env, kind) === undefined;
  const fauxqs =
    isEmbedded('s3') || isEmbedded('sqs') ? await startFauxqs({ port: 0, logger: false }) : undefined;
  const tables = isEmbedded('dynamodb') ? dynalite({ createTableMs: 0 }) : undefined;
  if (tables) {
    tables.listen(0, '127.0.0.1');
    await once(tables, 'listening');
  }
  const port = (tables?.address() as AddressInfo | undefined)?.port;
  return {
    environment: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      ...(!serverKinds.every(isEmbedded) && process.env),
      ...(isEmbedded('s3') && { AWS_ENDPOINT_URL_S3: fauxqs?.address }),
      ...(isEmbedded('sqs') && { AWS_ENDPOINT_URL_SQS: fauxqs?.address }),
      ...(isEmbedded('dynamodb') && { AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}` }),
    },
    async stop(): Promise<void> {
      await fauxqs?.stop();
      tables?.close();
    },
  };
}

/** A table of its own with these two keys. */
async function newTable({ dynamo }: AwsClients, partition: string, sort: string): Promise<string> {
  const table = newName('table');
  await dynamo.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partition, AttributeType: 'S' },
        { AttributeName: sort, AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: partition, KeyType: 'HASH' },
        { AttributeName: sort, KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 30 }, { TableName: table });
  return table;
}

/** A cloud with one table, one bucket and one queue. */
async function startCloud() {
  const servers = await startServers();
  const clients = portClients(servers.environment);
  const table = await newTable(clients, 'pk', 'sk');
  const bucket = newName('bucket');
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: newName('slices') }));

  return {
    /** Points an SDK at it. */
    environment: servers.environment,
    dynamo: clients.dynamo,
    table,
    queueUrl: QueueUrl,
    newTable: (partition: string, sort: string) => newTable(clients, partition, sort),
    /** A job's life on the real adapters. */
    jobs(workload: Workload, clock: Clock = systemClock, more: Partial<JobsContext> = {}): JobsContext {
      return {
        ledger: dynamoLedger(clients.dynamo, table),
        queue: sqsQueue(clients.sqs, QueueUrl),
        blobs: s3Blobs(clients.s3, bucket),
        ...surroundings(workload, clock),
        ...more,
      };
    },
    /** Takes the messages that are in the queue now, in the order of their slices: a standard queue has none. */
    async receive(): Promise<SliceRef[]> {
      const refs: SliceRef[] = [];
      for (;;) {
        const { Messages = [] } = await clients.sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
        );
        if (Messages.length === 0) return refs.sort((a, b) => a.sliceId.localeCompare(b.sliceId));
        for (const { Body = '', ReceiptHandle } of Messages) {
          refs.push(JSON.parse(Body) as SliceRef);
          await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
    },
    stop: servers.stop,
  };
}

/** The cloud of a test file: ends with it, and each test starts with an empty queue. */
export async function cloudOfFile(): Promise<TestCloud> {
  const cloud = await startCloud();
  afterAll(() => cloud.stop());
  beforeEach(async () => {
    await cloud.receive();
  });
  return cloud;
}

export type TestCloud = Awaited<ReturnType<typeof startCloud>>;
