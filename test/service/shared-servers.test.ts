import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../src/local/service.ts';
import { spillway } from '../cli/command.ts';
import { readRows, rowsOf, writeRows } from '../cli/files.ts';
import { startServers } from '../core/jobs/cloud.ts';
import { Client, scratchDir } from './harness.ts';

/** Servers that neither service has started. */
let servers: Awaited<ReturnType<typeof startServers>>;
let env: Record<string, string>;
let first: Service;
let second: Service;
let directory: Awaited<ReturnType<typeof scratchDir>>;
const at = (name: string) => join(directory.path, name);

beforeAll(async () => {
  directory = await scratchDir();
  servers = await startServers();
  const own = { SPILLWAY_BUCKET: `spillway-bucket-${randomUUID()}` };
  env = Object.fromEntries(
    Object.entries({ ...servers.environment, ...own }).filter(
      (entry): entry is [string, string] => /^(AWS|SPILLWAY)_/.test(entry[0]) && entry[1] !== undefined,
    ),
  );
  first = await startService({ dataDir: at('first'), port: 0, env });
  second = await startService({ dataDir: at('second'), port: 0, env });
});
afterAll(async () => {
  await Promise.all([first?.stop(), second?.stop()]);
  await servers?.stop();
  await directory.remove();
});

describe('two services on one set of servers', () => {
  it("serve each other's finished files, as what they are", async () => {
    const [one, other] = [new Client(first.url), new Client(second.url)];
    const content = `city,n,fail\r\n${rowsOf(300).join('\r\n')}\r\n`;
    const files = [{ name: 'rows.csv', contentType: 'text/csv', bytes: content.length }];
    const [{ key, url, headers } = { key: '', url: '', headers: {} }] = (
      await one.call('POST', '/uploads', { files })
    ).body.uploads;
    expect((await fetch(url, { method: 'PUT', body: content, headers })).status).toBe(200);
    const outputs = { csv: 'text/csv; charset=utf-8; header=present', jsonl: 'application/x-ndjson' };
    for (const [format, contentType] of Object.entries(outputs)) {
      const submission = { workload: 'echo', source: { key }, output: { format } };
      const { body } = await one.call('POST', '/jobs', submission);
      expect(await other.ended(body.jobId)).toMatchObject({ status: 'completed', successCount: 300 });
      for (const { url: service } of [first, second]) {
        const output = await fetch(`${service}/jobs/${body.jobId}/output`, {
          headers: { 'x-api-key': 'local' },
        });
        expect([output.status, output.headers.get('content-type')]).toEqual([200, contentType]);
        expect(output.url.startsWith(first.endpoints.s3)).toBe(true);
        expect((await output.text()).trimEnd().split('\n')).toHaveLength(format === 'csv' ? 301 : 300);
      }
    }
  });

  it("work through a command's file, whichever of them does it", async () => {
    writeRows(at('rows.csv'), 200);
    const args = ['run', 'echo', '--input', 'rows.csv', '--output', 'out.csv', '--data-dir', 'third'];
    const { code, stderr } = await spillway(directory.path, args, env);
    expect(stderr).toContain('200/200');
    expect(code).toBe(0);
    expect(readRows(at('out.csv'))).toHaveLength(200);
  });
});

const keys = { AWS_ACCESS_KEY_ID: 'me', AWS_SECRET_ACCESS_KEY: 'secret' };

describe('a command whose servers cannot be used', () => {
  it.each([
    [
      { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' },
      /^error: SQS at http:\/\/127.0.0.1:1 \(AWS_ENDPOINT_URL_SQS\) cannot be reached: .* \(SERVER_UNUSABLE\)\n$/,
    ],
    [
      { AWS_ENDPOINT_URL: 'nowhere' },
      /^error: AWS_ENDPOINT_URL must be an http:\/\/ or https:\/\/ URL, but is 'nowhere' \(SERVERS_MISCONFIGURED\)\n$/,
    ],
  ])('%j says so in one line', async (wrong, line) => {
    writeFileSync(at('one.csv'), 'n\r\n1\r\n');
    const args = ['run', 'echo', '--input', 'one.csv', '--output', 'one-out.csv', '--data-dir', 'fourth'];
    const none = {
      ...keys,
      AWS_ENDPOINT_URL_S3: '',
      AWS_ENDPOINT_URL_SQS: '',
      AWS_ENDPOINT_URL_DYNAMODB: '',
    };
    const { code, stderr } = await spillway(directory.path, args, { ...none, ...wrong });
    expect(stderr).toMatch(line);
    expect(code).toBe(1);
  });
});
