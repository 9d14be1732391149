import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';
import { awsClients } from '../../src/aws/clients.ts';
import { openDataDir } from '../../src/local/data-dir.ts';
import type { Service } from '../../src/local/service.ts';
import { eventually, isAlive, readNotes, startFixture, temporaryDirectory } from './harness.ts';

type Facts = Pick<Service, 'endpoints' | 'environment'> & {
  deadQueueUrl: string;
  narrowQueueUrl: string;
  pids: number[];
};

/** Starts the fixture service in a process of its own. */
async function serve(dataDir: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/serve.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, VITEST: process.env.VITEST },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: line } = await lines.next();
  const facts: Facts = JSON.parse(line ?? 'null');
  return { child, facts };
}

const table = 'fixture-test-table';
const bucket = 'fixture-test-bucket';

it('what was acknowledged is there after a crash; no process is left behind', async () => {
  const dataDir = temporaryDirectory();
  const { child, facts } = await serve(dataDir);
  const before = awsClients(facts.environment);
  // Out of sight until the second service runs.
  await before.sqs.send(
    new SendMessageCommand({ QueueUrl: facts.deadQueueUrl, MessageBody: '"kept"', DelaySeconds: 5 }),
  );
  await before.dynamo.send(new PutItemCommand({ TableName: table, Item: { pk: { S: 'a' }, n: { N: '1' } } }));
  await before.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: 'a/b', Body: 'kept', ContentType: 'text/x' }),
  );
  child.kill('SIGKILL');
  expect(facts.pids.length).toBeGreaterThan(0);
  await eventually('the instances to end', () => !facts.pids.some(isAlive));

  const { service, notes } = await startFixture(dataDir);
  onTestFinished(() => service.stop());
  const after = awsClients(service.environment);
  const { Item } = await after.dynamo.send(new GetItemCommand({ TableName: table, Key: { pk: { S: 'a' } } }));
  expect(Item).toEqual({ pk: { S: 'a' }, n: { N: '1' } });
  const object = await after.s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'a/b' }));
  expect([object.ContentType, await object.Body?.transformToString()]).toEqual(['text/x', 'kept']);
  await eventually('the message', () => notes('consumeDead').length > 0);
  expect(notes('consumeDead')[0]?.event.Records?.[0]?.body).toBe('"kept"');
  // Addresses that were handed out are still good.
  expect(service.endpoints).toEqual(facts.endpoints);
});

it('a message that was in work at a crash comes anew after a restart, at once', async () => {
  const dataDir = temporaryDirectory();
  const { child, facts } = await serve(dataDir);
  const MessageBody = JSON.stringify({ ms: 1_500 });
  const { sqs } = awsClients(facts.environment);
  // A queue that gives its consumer the default half a minute: the second delivery has to be over before a third.
  const QueueUrl = facts.narrowQueueUrl;
  const Attributes = { VisibilityTimeout: '600' };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const notes = () => readNotes(dataDir, 'consumeOneByOne');
  await eventually('the work to begin', () => notes().length > 0);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));

  const { service } = await startFixture(dataDir);
  onTestFinished(() => service.stop());
  await eventually('the work to be done', () => notes().some(({ kind }) => kind === 'end'));
  const counts = notes().map(({ kind, event }) => [
    kind,
    event.Records?.[0]?.attributes.ApproximateReceiveCount,
  ]);
  expect(counts).toEqual([
    ['start', '1'],
    ['start', '1'],
    ['end', '1'],
  ]);
});

it('another port is found when the last one is taken', async () => {
  const dataDir = temporaryDirectory();
  const first = await startFixture(dataDir);
  await first.service.stop();
  const { port } = new URL(first.service.endpoints.sqs);
  const squatter = createServer().listen(Number(port), '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  onTestFinished(() => void squatter.close());
  const second = await startFixture(dataDir);
  onTestFinished(() => second.service.stop());
  expect(second.service.endpoints.sqs).not.toBe(first.service.endpoints.sqs);
  expect(second.service.queueUrl('WorkQueue')).toContain(second.service.endpoints.sqs);
});

it('a data directory serves one service at a time, and the next once that has gone', async () => {
  const dataDir = temporaryDirectory();
  const { child } = await serve(dataDir);
  await expect(startFixture(dataDir)).rejects.toThrow(
    `process ${child.pid}) uses the data directory ${dataDir}`,
  );
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  openDataDir(dataDir).release();
});

it('a lock is given back at a stop, and when a start fails', async () => {
  const dataDir = temporaryDirectory();
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  onTestFinished(() => void squatter.close());
  const address = squatter.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await expect(startFixture(dataDir, { port })).rejects.toThrow('EADDRINUSE');
  const { service } = await startFixture(dataDir);
  await service.stop();
  openDataDir(dataDir).release();
});
