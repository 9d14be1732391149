import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { s3Blobs } from '../../src/aws/blobs.ts';
import { portClients } from '../../src/aws/clients.ts';
import { InfrastructureError } from '../../src/core/engine/errors.ts';

type Answer = (response: ServerResponse, range: string | undefined) => void;

let answers: Answer[] = [];
let calls = 0;
const server = createServer((request, response) => {
  request.resume();
  calls += 1;
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  answer?.(response, request.headers.range);
});
const before = { ...process.env };

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_S3: url,
    AWS_ENDPOINT_URL_DYNAMODB: url,
  });
});
afterAll(() => {
  process.env = before;
  server.close();
});
beforeEach(() => {
  calls = 0;
});

const json = (status: number, type: string) => (response: ServerResponse) =>
  response.writeHead(status).end(JSON.stringify({ __type: `x#${type}`, message: 'arn:aws:of-somebody' }));
const read = async (deadline?: () => number) => {
  const { dynamo } = portClients(process.env, deadline);
  return dynamo
    .send(new GetCommand({ TableName: 'ledger', Key: { pk: 'a', sk: 'b' } }))
    .catch((error) => error);
};

describe('a call to a table', () => {
  it.each([
    [400, 'ProvisionedThroughputExceededException'],
    [400, 'AccessDeniedException'],
    [400, 'UnrecognizedClientException'],
    [500, 'InternalServerError'],
  ])('is repeated after %s %s, and answers in the end', async (status, type) => {
    answers = [json(status, type), json(status, type), (response) => response.end('{}')];
    expect(await read()).toMatchObject({ $metadata: { attempts: 3 } });
  });

  it('fails in our words, with the reason as its cause', async () => {
    answers = [json(400, 'ResourceNotFoundException')];
    const error = await read();
    expect(error).toBeInstanceOf(InfrastructureError);
    expect(JSON.stringify(error)).not.toContain('arn:');
    expect(error).toMatchObject({ code: 'TABLE_UNAVAILABLE', cause: { message: 'arn:aws:of-somebody' } });
  });

  it('is not repeated when the request itself is wrong', async () => {
    answers = [json(400, 'ValidationException')];
    expect(await read()).toMatchObject({ code: 'REQUEST_REFUSED', retryable: false });
    expect(calls).toBe(1);
  });

  it('is not repeated once the budget is over', async () => {
    answers = [json(500, 'InternalServerError')];
    expect(await read(() => Date.now() - 1)).toMatchObject({ code: 'TABLE_UNAVAILABLE' });
    expect(calls).toBe(1);
  });
});

describe('an object that breaks off', () => {
  const content = Buffer.from('0123456789');
  const part = (range: string | undefined) => content.subarray(Number(/\d+/.exec(range ?? '')?.[0] ?? 0));
  const head = (response: ServerResponse, rest: Buffer) =>
    response.writeHead(rest.length === content.length ? 200 : 206, {
      'content-length': rest.length,
      etag: '"one"',
    });
  /** Sends so many bytes, then resets. */
  const breaking =
    (bytes: number): Answer =>
    (response, range) => {
      const rest = part(range);
      head(response, rest).write(rest.subarray(0, bytes), () => response.destroy());
    };
  const whole: Answer = (response, range) => {
    const rest = part(range);
    head(response, rest).end(rest);
  };
  const blobs = () => s3Blobs(portClients().s3, 'bucket');

  it('is read on from where it broke', async () => {
    answers = [breaking(3), breaking(4), whole];
    expect(String(await blobs().get('a'))).toBe('0123456789');
    answers = [breaking(3), breaking(1), whole];
    const chunks = [];
    for await (const chunk of (await blobs().read('a', 2)) ?? []) chunks.push(chunk);
    expect(String(Buffer.concat(chunks))).toBe('23456789');
  });

  it('is given up when nothing more comes, as nobody’s fault', async () => {
    answers = [breaking(3), breaking(0)];
    await expect(blobs().get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(calls).toBeGreaterThan(3);
    expect(calls).toBeLessThan(10);
  });
});
