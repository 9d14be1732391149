import { request } from 'node:http';
import { GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';
import { awsClients } from '../../src/aws/clients.ts';
import { type Cloud, startCloud } from '../../src/local/cloud.ts';
import { loadConfig } from '../../src/local/config.ts';
import { openDataDir } from '../../src/local/data-dir.ts';
import { fixtureConfig, temporaryDirectory } from './harness.ts';

async function start(env: NodeJS.ProcessEnv, stage = 'test'): Promise<Cloud> {
  const dataDir = openDataDir(temporaryDirectory());
  const { region, resources } = loadConfig({ path: fixtureConfig, options: { stage } });
  const failures: Error[] = [];
  const cloud = await startCloud({
    dataDir,
    region,
    resources,
    env,
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(async () => {
    await cloud.stop();
    dataDir.release();
    expect(failures).toEqual([]);
  });
  return cloud;
}

it('servers that the environment names are used instead of embedded ones, and given what they lack', async () => {
  const embedded = await start({});
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_DYNAMODB } = embedded.environment;
  const elsewhere = { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_DYNAMODB };
  const other = await start(
    { ...elsewhere, AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'own' },
    'other',
  );
  expect(other.endpoints).toEqual(embedded.endpoints);
  expect(other.environment).toMatchObject({ AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'own' });
  const { TableNames } = await awsClients(other.environment).dynamo.send(new ListTablesCommand({}));
  expect(TableNames).toEqual(['fixture-other-table', 'fixture-test-table']);
  const { sqs } = awsClients(other.environment);
  await sqs.send(new SendMessageCommand({ QueueUrl: other.queueUrl('NarrowQueue'), MessageBody: 'x' }));
});

it("embedded servers are not reached with the caller's own credentials and profile", async () => {
  const { environment } = await start({
    AWS_PROFILE: 'production',
    AWS_SESSION_TOKEN: 'x',
    AWS_ACCESS_KEY_ID: 'mine',
  });
  expect(environment).toMatchObject({ AWS_ACCESS_KEY_ID: 'local' });
  expect(environment).not.toHaveProperty('AWS_PROFILE');
  expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN');
});

it('the tables survive clients that vanish in mid-request, as killed instances do', async () => {
  const cloud = await start({});
  for (let i = 0; i < 5; i += 1) {
    const half = request(cloud.endpoints.dynamodb, { method: 'POST', headers: { 'content-length': '1000' } });
    half.on('error', () => {});
    await new Promise((resolve) => half.write('{', resolve));
    half.destroy();
  }
  const { dynamo } = awsClients(cloud.environment);
  const TableName = 'fixture-test-table';
  await dynamo.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' } } }));
  const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } }));
  expect(Item).toEqual({ pk: { S: 'a' } });
});

it('the embedded servers listen on this machine only', async () => {
  const { endpoints } = await start({});
  for (const endpoint of Object.values(endpoints)) expect(new URL(endpoint).hostname).toBe('127.0.0.1');
});
