import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { awsClients } from '../../src/aws/clients.ts';
import { openClient, type Client as SpillwayClient } from '../../src/client/client.ts';
import type { JobView } from '../../src/client/contract.ts';
import type { Service } from '../../src/local/service.ts';
import type { ProductView } from '../../src/workloads/create-products/product-view.ts';
import type { Conformance } from '../openapi/conformance.ts';

export interface Reply<Body = AnyBody> {
  status: number;
  headers: Headers;
  body: Body;
}

/** What the API may answer with, loosely: each test looks at the fields that it is about. */
export interface AnyBody {
  jobId: string;
  status: string | number;
  totalItems: number;
  processedItems: number;
  successCount: number;
  errorCount: number;
  pendingCount: number;
  products: ProductView[];
  results: ProductView[];
  cursor?: string;
  code: string;
  detail: string;
  errors: { path: string; message: string }[];
  uploads: { key: string; url: string; headers: Record<string, string> }[];
}

/** Speaks to a service: with the client that users have, and with requests and answers as they are. */
export class Client {
  readonly #url: string;
  readonly #key: string;
  readonly #conformance: Conformance | undefined;
  readonly #client: SpillwayClient;

  /** `conformance` looks at every request and its answer. */
  constructor(url: string, key = 'local', conformance?: Conformance) {
    this.#url = url;
    this.#key = key;
    this.#conformance = conformance;
    this.#client = openClient({
      endpoint: url,
      key,
      ...(conformance && { fetch: watching(url, conformance) }),
    });
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(this.#key !== '' && { 'x-api-key': this.#key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const reply = {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.#conformance?.check(method, path, { request: body, ...reply });
    return reply;
  }

  post = (productGroups: unknown, headers: Record<string, string> = {}, options: unknown = fastOptions) =>
    this.call('POST', '/create-products', { productGroups, options }, headers);

  async ended(jobId: string, withinMs = 250_000): Promise<JobView> {
    const deadline = Date.now() + withinMs;
    let latest: JobView | undefined;
    for await (latest of this.#client.follow(await this.#client.getJob(jobId), 5)) {
      if (latest.status !== 'running') return latest;
      if (Date.now() > deadline) break;
    }
    throw new Error(`${jobId} has not ended: ${JSON.stringify(latest)}`);
  }

  /** The finished file: the API redirects to it. */
  async output(jobId: string): Promise<string> {
    const url = await this.#client.getOutput(jobId);
    return this.#client.download(url, (response) => response.text());
  }

  async results(jobId: string): Promise<ProductView[]> {
    const found: ProductView[] = [];
    for await (const page of this.#client.getResults<ProductView>(jobId, { limit: 7 })) found.push(...page);
    return found;
  }
}

/** A `fetch` that has an eye on what the service at `url` answers. */
function watching(url: string, conformance: Conformance): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!String(input).startsWith(`${url}/`)) return response;
    const { status, headers } = response;
    const text = await response.clone().text();
    const body = text === '' ? undefined : JSON.parse(text);
    conformance.check(init?.method ?? 'GET', String(input).slice(url.length), { status, headers, body });
    return response;
  };
}

/** Small pictures, so that tests spend their time on what they test. */
export const fastOptions = { maxDimension: 200, quality: 60 };

export const group = (images: object[], more: object = {}) => ({
  images,
  metadata: { title: 'A thing' },
  ...more,
});

/** Groups of one sample photo each. */
export const sampleGroups = (count: number, photos = 1) =>
  Array.from({ length: count }, (_, index) =>
    group(
      Array.from({ length: photos }, () => ({ key: 'uploads/local/samples/mug-1.jpg' })),
      {
        productId: `sku-${index}`,
      },
    ),
  );

/** A folder that is gone after the tests. */
export async function scratchDir(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'spillway-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Asks again and again until `probe` has something to say; throws after `withinMs`. */
export async function eventually<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Nothing within ${withinMs} ms`);
    await pause(50);
  }
}

/** A stage of a test file's own: where the environment names servers, files share them. */
export const ownStage = () => `test-${randomUUID()}`;

/** Clients that look at a service's cloud from outside. */
export function cloudOf({ environment, config }: Service) {
  const { sqs, dynamo } = awsClients(environment);
  const catalog = config.resources.get('CatalogTable');
  const TableName = catalog?.kind === 'table' ? catalog.name : '';
  return {
    sqs,
    /** Puts a product into the catalog, as a job would. */
    async addProduct(record: Record<string, unknown>): Promise<void> {
      await dynamo.send(new PutCommand({ TableName, Item: record }));
    },
    /** Every product that was ever created. */
    async products(): Promise<Record<string, unknown>[]> {
      const found: Record<string, unknown>[] = [];
      const pages = paginateScan({ client: dynamo }, { TableName });
      for await (const { Items = [] } of pages) found.push(...Items);
      return found;
    },
  };
}
