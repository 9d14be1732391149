import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { awsClients } from '../../src/aws/clients.ts';
import { endpointIn } from '../../src/aws/endpoints.ts';
import { startCloud } from '../../src/local/cloud.ts';
import { checkOwned } from '../../src/local/cloud-resources.ts';
import { loadConfig } from '../../src/local/config.ts';
import { openDataDir } from '../../src/local/data-dir.ts';
import type { Server as KnownServer } from '../../src/local/servers.ts';
import { fixtureConfig, temporaryDirectory } from './harness.ts';

const keys = { AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'wrong' };

/** The error of a start, as far as a person reads it. */
async function failureOf(env: NodeJS.ProcessEnv): Promise<{ code: string; message: string }> {
  const dataDir = openDataDir(temporaryDirectory());
  const { region, resources } = loadConfig({ path: fixtureConfig, options: { stage: 'test' } });
  try {
    const onFailure = () => {};
    const cloud = await startCloud({ dataDir, region, resources, env, onFailure });
    await cloud.stop();
    throw new Error('It has started');
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  } finally {
    dataDir.release();
  }
}

/** A server that answers everything in one way; where there is no answer, it never gives one. */
async function serverThat(answer?: { status: number; type: string; body: string }): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume();
    if (answer === undefined) return;
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nothing listens. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

const xml = (code: string) => ({
  status: 403,
  type: 'application/xml',
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>It\nis so.</Message></Error>`,
});
const json = (type: string, status = 400) => ({
  status,
  type: 'application/x-amz-json-1.0',
  body: JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message: 'It is so.' }),
});

describe('a server elsewhere', () => {
  it.each([
    ['S3', 'AWS_ENDPOINT_URL_S3', xml('SignatureDoesNotMatch')],
    ['S3', 'AWS_ENDPOINT_URL_S3', xml('InvalidAccessKeyId')],
    ['SQS', 'AWS_ENDPOINT_URL_SQS', json('InvalidClientTokenId', 403)],
    ['SQS', 'AWS_ENDPOINT_URL_SQS', json('SignatureDoesNotMatch', 403)],
    ['DynamoDB', 'AWS_ENDPOINT_URL_DYNAMODB', json('UnrecognizedClientException')],
    ['DynamoDB', 'AWS_ENDPOINT_URL_DYNAMODB', json('InvalidSignatureException')],
  ])('%s that refuses the credentials is named, with its setting: %s, %j', async (name, setting, answer) => {
    const url = await serverThat(answer);
    expect(await failureOf({ [setting]: url, ...keys })).toEqual({
      code: 'SERVER_UNUSABLE',
      message: `${name} at ${url} (${setting}) refuses the credentials: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    });
  });

  it('without credentials anywhere says which to set', async () => {
    const url = await serverThat();
    const nothing = '/nonexistent';
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
      vi.stubEnv(name, undefined);
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, nothing);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await failureOf({ AWS_ENDPOINT_URL_S3: url })).message).toBe(
      `S3 at ${url} (AWS_ENDPOINT_URL_S3) needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  });

  it('that knows the caller and allows nothing says so', async () => {
    const url = await serverThat(xml('AccessDenied'));
    const { message } = await failureOf({ AWS_ENDPOINT_URL_S3: url, ...keys });
    expect(message).toBe(
      `S3 at ${url} (AWS_ENDPOINT_URL_S3) does not allow what the service needs: It is so.`,
    );
  });

  it.each(['S3', 'SQS', 'DYNAMODB'])('%s that cannot be reached is named at once', async (kind) => {
    const url = await nowhere();
    const setting = `AWS_ENDPOINT_URL_${kind}`;
    const began = Date.now();
    const { code, message } = await failureOf({ [setting]: url, ...keys });
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(code).toBe('SERVER_UNUSABLE');
    expect(message).toMatch(new RegExp(` at ${url} \\(${setting}\\) cannot be reached: .*ECONNREFUSED`));
  });

  it('that accepts connections and never answers is waited for some seconds', async () => {
    const url = await serverThat();
    expect((await failureOf({ AWS_ENDPOINT_URL: url, ...keys })).message).toBe(
      `S3 at ${url} (AWS_ENDPOINT_URL) cannot be reached: no answer within 5 s`,
    );
  });

  it('that is something else is told by its answer', async () => {
    const url = await serverThat({ status: 200, type: 'text/html', body: '<html><p>Welcome' });
    const { code, message } = await failureOf({ AWS_ENDPOINT_URL_DYNAMODB: url, ...keys });
    expect(code).toBe('SERVER_UNUSABLE');
    expect(message).toContain(
      `DynamoDB at ${url} (AWS_ENDPOINT_URL_DYNAMODB) gives an answer that cannot be used`,
    );
    expect(message).not.toContain('\n');
  });
});

describe('half a configuration', () => {
  it.each([
    [
      { AWS_ENDPOINT_URL_S3: '127.0.0.1:9000' },
      'AWS_ENDPOINT_URL_S3 must be an http:// or https:// URL, but is ',
    ],
    [{ AWS_ENDPOINT_URL: 'localhost:4566' }, 'AWS_ENDPOINT_URL must be an http:// or https:// URL, but is '],
    [
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'mine' },
      'AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not',
    ],
    [
      { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1', AWS_SECRET_ACCESS_KEY: 'x', AWS_ACCESS_KEY_ID: '' },
      'AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not',
    ],
    [
      { AWS_ENDPOINT_URL_S3: 'https://s3.eu-central-1.amazonaws.com', ...keys },
      'AWS_ENDPOINT_URL_S3 points at AWS: SPILLWAY_BUCKET must name the bucket of a deployment',
    ],
  ])('%j is refused before anything is asked', async (env, message) => {
    expect(await failureOf(env)).toEqual({
      code: 'SERVERS_MISCONFIGURED',
      message: expect.stringContaining(message),
    });
  });
});

describe('an endpoint', () => {
  it('for all services holds where a service has none of its own', () => {
    const env = {
      AWS_ENDPOINT_URL: 'http://all',
      AWS_ENDPOINT_URL_SQS: 'http://queues',
      AWS_ENDPOINT_URL_S3: '',
    };
    expect(endpointIn(env, 'sqs')).toEqual({ url: 'http://queues', setting: 'AWS_ENDPOINT_URL_SQS' });
    expect(endpointIn(env, 's3')).toEqual({ url: 'http://all', setting: 'AWS_ENDPOINT_URL' });
    expect(endpointIn({}, 'dynamodb')).toBeUndefined();
  });

  it('alone points every client at its server', async () => {
    const { s3, sqs, dynamo } = awsClients({
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://all:4566',
    });
    for (const { config } of [s3, sqs, dynamo]) {
      expect(await config.endpoint?.()).toMatchObject({ hostname: 'all', port: 4566 });
      expect(await config.region()).toBe('eu-central-1');
    }
  });
});

describe('a bucket on AWS', () => {
  const server: KnownServer = {
    name: 'S3',
    url: 'https://s3.amazonaws.com',
    aws: true,
    given: { setting: 'AWS_ENDPOINT_URL', identity: '' },
  };

  it('is used only if it is one of the account: others may have taken the name', async () => {
    const bucket = (name: string) => `<Bucket><Name>${name}</Name></Bucket>`;
    const body = `<?xml version="1.0"?><ListAllMyBucketsResult><Buckets>${bucket('ours')}${bucket('ours-too')}</Buckets></ListAllMyBucketsResult>`;
    const AWS_ENDPOINT_URL = await serverThat({ status: 200, type: 'application/xml', body });
    const { s3 } = awsClients({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL, ...keys });
    await checkOwned(server, s3, 'ours');
    await expect(checkOwned(server, s3, 'our')).rejects.toMatchObject({
      code: 'SERVER_UNUSABLE',
      message:
        'S3 at https://s3.amazonaws.com (AWS_ENDPOINT_URL) has no bucket our (SPILLWAY_BUCKET) that belongs to this account',
    });
  });
});
