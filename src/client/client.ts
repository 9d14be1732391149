import { sleep, systemClock } from '../core/engine/clock.ts';
import type {
  ExportQuery,
  Health,
  JobAnswer,
  JobEvent,
  JobRequest,
  JobsAnswer,
  JobsQuery,
  JobView,
  OutputFile,
  Product,
  ProductList,
  ProductPatch,
  ProductsAnswer,
  ProductsQuery,
  ProductsRequest,
  ResultsAnswer,
  ResultsQuery,
  ResumeRequest,
  UploadsAnswer,
  UploadsRequest,
} from './contract.ts';
import { serverSentEvents } from './server-sent-events.ts';
import { type Call, type ClientOptions, openTransport, type Reply } from './transport.ts';

export type { ClientOptions, Reply } from './transport.ts';

/** How a job is submitted. */
export interface SubmitOptions {
  /**
   * The same request sent twice under one key is one job. Default: a key generated for this call, so that it
   * can be sent again.
   */
  idempotencyKey?: string;
  /**
   * RFC 7240: `respond-async`, or `wait=N` in seconds. Default: the service waits as long as the gateway's
   * time allows.
   */
  prefer?: string;
}

/** A file to upload. */
export interface UploadFile {
  name: string;
  /** One of the types that the contract names, often derived from the file's name. The service refuses others. */
  contentType: string;
  content: Blob | Uint8Array<ArrayBuffer> | string;
}

/**
 * The service's HTTP API: a method for each operation of its OpenAPI document, under the operation's name,
 * and methods that combine several. Repeats requests that are safe to repeat and may succeed a moment later.
 * All methods throw an `ApiError` for an error answer, `SERVICE_UNREACHABLE` if there is no answer, and the
 * reason of an aborted signal.
 */
export interface Client {
  /** Status 200: all items are settled; 202: the work continues. */
  createProducts(request: ProductsRequest, options?: SubmitOptions): Promise<Reply<ProductsAnswer>>;
  /** Status 200: all items are settled; 202: the work continues. */
  createJob(request: JobRequest, options?: SubmitOptions): Promise<Reply<JobAnswer>>;
  listJobs(query?: JobsQuery): Promise<JobsAnswer>;
  /** `wait`: how long the service may hold the answer until the job changes, in seconds. */
  getJob(jobId: string, wait?: number): Promise<JobView>;
  /** The outcomes so far in item order, in pages of up to `limit`. The workload defines their shape. */
  getResults<Result extends object = ResultsAnswer['results'][number]>(
    jobId: string,
    query?: ResultsQuery,
  ): AsyncGenerator<Result[]>;
  /** The link to one of a finished job's files, for {@link Client.download}. */
  getOutput(jobId: string, file?: OutputFile): Promise<string>;
  /** The job's events until its end, without gaps, over as many connections as needed. */
  getEvents(jobId: string, lastEventId?: string): AsyncGenerator<JobEvent>;
  cancelJob(jobId: string): Promise<JobView>;
  retryJob(jobId: string): Promise<JobView>;
  listProducts(query?: ProductsQuery): Promise<ProductList>;
  getProduct(catalogId: string): Promise<Product>;
  /** Merges the fields into the product's metadata: null removes a field, a list replaces one. */
  updateProduct(catalogId: string, patch: ProductPatch): Promise<Product>;
  /** Deletes a product and its pictures; one that does not exist is no error. */
  deleteProduct(catalogId: string): Promise<void>;
  /** The products as a file, in parts that are one file when they are joined. */
  exportProducts(query: ExportQuery): AsyncGenerator<string>;
  /** Stops a job until it is resumed. */
  holdJob(jobId: string): Promise<JobView>;
  /** Goes on with a held job, if need be at another pace or with another output. */
  resumeJob(jobId: string, request?: ResumeRequest): Promise<JobView>;
  createUploads(request: UploadsRequest): Promise<UploadsAnswer>;
  health(): Promise<Health>;
  getOpenapi<Document>(): Promise<Document>;
  /** The job now, and again at every change, with a request at least every `wait` seconds; finally its end state. */
  follow(job: JobView, wait: number): AsyncGenerator<JobView, void>;
  /** Uploads a file to the service, into a folder if one is given. Resolves to its key. */
  upload(file: UploadFile, folder?: string): Promise<string>;
  /** Fetches the target of a link. `read` runs within the attempt, so an answer that breaks off is fetched again. */
  download<T>(url: string, read: (response: Response) => Promise<T>): Promise<T>;
}

type ContentType = UploadsRequest['files'][number]['contentType'];

/** Milliseconds before reopening a stream that ended before its job. */
const reopenAfterMs = 1_000;

/** Whether more will happen. A stopped job's files are still put together before the job reaches its end. */
export const isOpen = ({ status, finishing }: Pick<JobView, 'status' | 'finishing'>): boolean =>
  status === 'running' || finishing === true;

export function openClient(options: ClientOptions): Client {
  const transport = openTransport(options);
  const { signal, json, response, linked } = transport;
  const productPath = (catalogId: string) => `/products/${encodeURIComponent(catalogId)}`;
  const jobPath = (jobId: string) => `/jobs/${encodeURIComponent(jobId)}`;
  const submit = <Answer>(path: string, body: unknown, { idempotencyKey, prefer }: SubmitOptions = {}) =>
    json<Answer>({
      method: 'POST',
      path,
      body,
      headers: { 'idempotency-key': idempotencyKey ?? crypto.randomUUID(), prefer },
      repeatable: true,
    });
  const get = async <Body>(path: string, query = {}, waitMs = 0) =>
    (await json<Body>({ path, query, waitMs })).body;
  const tell = async (jobId: string, action: 'cancel' | 'retry' | 'hold' | 'resume', body?: ResumeRequest) =>
    (await json<JobView>({ method: 'POST', path: `${jobPath(jobId)}/${action}`, body })).body;

  const client: Client = {
    createProducts: (request, options) => submit('/create-products', request, options),
    createJob: (request, options) => submit('/jobs', request, options),
    listJobs: (query) => get('/jobs', query),
    getJob: (jobId, wait) => get(jobPath(jobId), { wait }, 1000 * (wait ?? 0)),
    async *getResults<Result extends object>(jobId: string, query: ResultsQuery = {}) {
      let cursor: string | undefined;
      do {
        const page = await get<{ results: Result[]; cursor?: string }>(`${jobPath(jobId)}/results`, {
          ...query,
          cursor,
        });
        yield page.results;
        cursor = page.cursor;
      } while (cursor !== undefined);
    },
    async getOutput(jobId, file = 'output') {
      const { headers } = await response({ path: `${jobPath(jobId)}/output`, query: { file } });
      return transport.resolve(headers.get('location') ?? '');
    },
    async *getEvents(jobId, lastEventId) {
      for (let last = lastEventId; ; await sleep(systemClock, reopenAfterMs, signal)) {
        const { body } = await response({
          path: `${jobPath(jobId)}/events`,
          headers: { accept: 'text/event-stream', 'last-event-id': last },
          waitMs: Number.POSITIVE_INFINITY,
        });
        // 204: the end was already reported.
        if (body === null) return;
        try {
          for await (const { id, event, data } of serverSentEvents(body)) {
            last = id ?? last;
            yield JSON.parse(data) as JobEvent;
            if (event === 'end') return;
          }
        } catch (error) {
          // A broken connection is a TypeError; the consumer may throw any other error.
          if (!(error instanceof TypeError)) throw error;
        }
      }
    },
    cancelJob: (jobId) => tell(jobId, 'cancel'),
    retryJob: (jobId) => tell(jobId, 'retry'),
    listProducts: (query) => get('/products', query),
    getProduct: (catalogId) => get(productPath(catalogId)),
    async updateProduct(catalogId, body) {
      // A merge that is made twice changes nothing the second time.
      const call = { method: 'PATCH', path: productPath(catalogId), body, repeatable: true } as const;
      return (await json<Product>(call)).body;
    },
    async deleteProduct(catalogId) {
      await transport.text({ method: 'DELETE', path: productPath(catalogId), repeatable: true });
    },
    async *exportProducts(query) {
      let part: Call | undefined = { path: '/products/export', query };
      while (part) {
        const { body, headers } = await transport.text(part);
        yield body;
        const path = /<([^>]*)>; *rel="next"/.exec(headers.get('link') ?? '')?.[1];
        part = path === undefined ? undefined : { path };
      }
    },
    holdJob: (jobId) => tell(jobId, 'hold'),
    resumeJob: (jobId, request) => tell(jobId, 'resume', request),
    async createUploads(body) {
      const call = { method: 'POST', path: '/uploads', body, repeatable: true } as const;
      return (await json<UploadsAnswer>(call)).body;
    },
    health: () => get('/health'),
    getOpenapi: () => get('/openapi.json'),
    async *follow(job, wait) {
      let view = job;
      yield view;
      // A held job does not change until somebody resumes it.
      while (isOpen(view) && !view.held) {
        view = await client.getJob(view.jobId, wait);
        yield view;
      }
    },
    async upload({ name, contentType, content }, folder) {
      const body = content instanceof Blob ? content : new Blob([content]);
      const files = [{ name, contentType: contentType as ContentType, bytes: body.size }];
      const { uploads } = await client.createUploads({ ...(folder !== undefined && { folder }), files });
      const [link] = uploads;
      if (!link) throw new Error('The service gave no link for the upload');
      const { key, url, method, headers } = link;
      await linked(url, { method, headers, body }, async (answer) => void (await answer.arrayBuffer()));
      return key;
    },
    download: (url, read) => linked(url, {}, read),
  };
  return client;
}
