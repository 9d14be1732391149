import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { awsClients } from '../../../src/aws/clients.ts';

/** Speaks to the table at `endpoint`. Nothing of it is left in the environment: the next bench has servers of its own. */
export const tableClient = (endpoint: string) =>
  awsClients({
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  }).dynamo;

/** An embedded DynamoDB with the one table that limits need, which counts what it is asked for. */
export async function startTable() {
  const server = dynalite({ createTableMs: 0 });
  const asked = { reads: 0, writes: 0 };
  server.on('request', ({ headers }: IncomingMessage) => {
    const target = String(headers['x-amz-target']);
    if (/UpdateItem|PutItem|DeleteItem/.test(target)) asked.writes += 1;
    if (/GetItem|Query/.test(target)) asked.reads += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await tableClient(endpoint).send(
    new CreateTableCommand({
      TableName: 'limits',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  return { endpoint, asked, stop: () => server.close() };
}
