import { ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsClients } from '../../src/aws/clients.ts';
import { type Service, startService } from '../../src/local/service.ts';
import { gzip, text, workbook } from '../core/formats/files.ts';
import { Client, ownStage, scratchDir } from './harness.ts';

let service: Service;
let client: Client;
let data: Awaited<ReturnType<typeof scratchDir>>;

beforeAll(async () => {
  data = await scratchDir();
  service = await startService({
    stage: ownStage(),
    dataDir: data.path,
    port: 0,
    workers: 1,
    apiKeys: 'local:local,globex:secret',
  });
  client = new Client(service.url);
});

afterAll(async () => {
  await service?.stop();
  await data?.remove();
});

const kinds: Record<string, string> = {
  csv: 'text/csv',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
  gz: 'application/gzip',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Uploads as a client does: asks for a link, PUTs there. There are no links for empty files: these come by other ways. */
async function upload(name: string, content: Buffer, from = client): Promise<string> {
  const contentType = kinds[name.split('.').at(-1) ?? ''];
  const files = [{ name, contentType, bytes: Math.max(1, content.length) }];
  const { body } = await from.call('POST', '/uploads', { files });
  const [{ key, url, headers } = { key: '', url: '', headers: {} }] = body.uploads;
  if (content.length === 0) {
    await inStore((s3, Bucket) => s3.send(new PutObjectCommand({ Bucket, Key: key, Body: content })));
    return key;
  }
  expect((await fetch(url, { method: 'PUT', body: new Uint8Array(content), headers })).status).toBe(200);
  return key;
}

const submit = (key: string, more: object = {}) =>
  client.call('POST', '/jobs', { workload: 'echo', source: { key }, ...more });

async function inStore<T>(action: (s3: S3Client, bucket: string) => Promise<T>): Promise<T> {
  const { s3 } = awsClients(service.environment);
  try {
    return await action(s3, service.config.resources.get('Bucket')?.name ?? '');
  } finally {
    s3.destroy();
  }
}

/** Whatever a job would leave. */
async function traces() {
  const { KeyCount } = await inStore((s3, Bucket) =>
    s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'jobs/' })),
  );
  return { jobs: (await client.call('GET', '/jobs')).body, objects: KeyCount };
}

const good = 'city,n\r\n"Lisbon\nand around",1\r\nBergen,2\r\n';
const megabyte = 2 ** 20;
const latin = Buffer.from('São Paulo,3\r\n', 'latin1');
const cell = '<row r="1"><c t="inlineStr"><is><t>a</t></is></c></row>';

describe('a file that cannot be worked through', () => {
  it.each<[what: string, name: string, () => Buffer | Promise<Buffer>, code: string, path: string]>([
    ['is empty', 'a.csv', () => text(''), 'FILE_EMPTY', 'source'],
    ['has only a header', 'a.csv', () => text('city,n\r\n'), 'FILE_HAS_NO_ROWS', 'source, row 1'],
    ['is an empty list', 'a.json', () => text('[]'), 'FILE_HAS_NO_ROWS', 'source'],
    [
      'has a column twice',
      'a.csv',
      () => text('n,city,n\r\n1,2,3\r\n'),
      'DUPLICATE_COLUMN',
      'source, row 1, column n',
    ],
    ['is a page', 'a.csv', () => text('<!DOCTYPE html>\n<p>Log in</p>\n'), 'NOT_ROWS', 'source'],
    [
      'begins with UTF-32 without a mark',
      'a.csv',
      () => text(Array.from('city\n1\n', (char) => `${char}\0\0\0`).join('')),
      'ENCODING_INVALID',
      'source, row 1',
    ],
    [
      'opens a quote that nothing closes, some slices into it',
      'a.csv',
      () => text(`${good}${'x,1\r\n'.repeat(3_000)}"Oslo,3\r\n${'x,1\r\n'.repeat(500)}`),
      'UNBALANCED_QUOTE',
      'source, row 3004, column city',
    ],
    [
      'changes its encoding',
      'a.csv',
      () => Buffer.concat([text(good), latin]),
      'ENCODING_INVALID',
      'source, row 4, byte offset 42',
    ],
    [
      'has a cell of 50 MB',
      'a.csv.gz',
      () => gzip(Buffer.concat([text(`${good}Oslo,`), Buffer.alloc(50 * megabyte, 'x'), text('\r\n')])),
      'CELL_TOO_LARGE',
      'source, row 4, column n',
    ],
    [
      'is a gzip bomb of good rows',
      'a.csv.gz',
      () => gzip(Buffer.alloc(40 * megabyte, 'a,b\n')),
      'DECOMPRESSION_BOMB',
      'source',
    ],
    [
      'is a bomb of a workbook',
      'a.xlsx',
      () => workbook({ sheets: { S: cell + ' '.repeat(40 * megabyte) } }),
      'DECOMPRESSION_BOMB',
      'source',
    ],
    [
      'has macros',
      'a.xlsx',
      () => workbook({ sheets: { S: cell }, others: { 'xl/vbaProject.bin': 'x' } }),
      'MACROS_NOT_ACCEPTED',
      'source',
    ],
    ['has no sheets', 'a.xlsx', () => workbook({}), 'NO_SHEETS', 'source'],
    ['is no workbook', 'a.xlsx', () => text(good), 'NOT_A_WORKBOOK', 'source'],
    ['is a list that breaks off', 'a.json', () => text('[{"a":1},{"a":'), 'FILE_TRUNCATED', 'source, row 2'],
    [
      'is gzip that breaks off',
      'a.csv.gz',
      () => gzip(text(good.repeat(99))).subarray(0, 60),
      'GZIP_DAMAGED',
      'source',
    ],
  ])('because it %s is refused', async (_what, name, content, code, path) => {
    const { status, headers, body } = await submit(await upload(name, await content()));
    expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(body).toMatchObject({ code, errors: [{ path, message: body.detail }] });
  });

  it('because it is not there, or not yours, is refused alike', async () => {
    const theirs = await upload('a.csv', text(good), new Client(service.url, 'secret'));
    for (const key of [theirs, 'uploads/local/none.csv', `uploads/local/../${theirs.slice(8)}`, 'jobs/x']) {
      const { status, body } = await submit(key);
      expect([status, body.code]).toEqual([422, 'SOURCE_NOT_FOUND']);
    }
  });

  it('because nobody knows what to do with it, or how to write it, is refused', async () => {
    const key = await upload('a.csv', text(good));
    expect((await submit(key, { workload: 'ehco' })).body).toMatchObject({
      status: 422,
      code: 'UNKNOWN_WORKLOAD',
    });
    expect((await submit(key, { output: { format: 'xlsx', gzip: true } })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'output.gzip' }],
    });
    expect((await submit(key, { source: { key, encoding: 'klingon' } })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'source.encoding', message: 'is not a supported encoding' }],
    });
    expect((await submit(key, { output: { format: 'pdf' } })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'output.format' }],
    });
  });

  it('leaves nothing behind', async () => {
    expect(await traces()).toEqual({ jobs: { jobs: [] }, objects: 0 });
  });
});

it('a bad row fails alone', async () => {
  const { body } = await submit(
    await upload('a.csv.gz', gzip(text(`city,n\r\nLisbon,1\r\n"Berg"en,2\r\nOslo,3,4\r\nTurku,5\r\n`))),
    { output: { format: 'jsonl', gzip: true } },
  );
  expect(await client.ended(body.jobId)).toMatchObject({ status: 'partial', successCount: 2, errorCount: 2 });
  const results = await client.results(body.jobId);
  expect(results.map(({ status, error }) => [status, error?.code, error?.details])).toEqual([
    ['succeeded', undefined, undefined],
    ['failed', 'TEXT_AFTER_QUOTE', expect.objectContaining({ row: 3, column: 'city' })],
    ['failed', 'TOO_MANY_CELLS', expect.objectContaining({ row: 4, column: 3 })],
    ['succeeded', undefined, undefined],
  ]);
});
