import type { z } from 'zod';
import type { Workload } from '../../src/core/jobs/workload.ts';
import { fileProblems, type ProblemCode } from '../edge/problem-codes.ts';
import { catalogIn, exportQuery, productsQuery } from '../edge/products.ts';
import { jobQuery, jobsQuery, outputQuery, resultsQuery } from '../edge/requests.ts';

/** A header of a request or an answer. */
export type Header = { description: string; schema: { type: string } };

const text = (description: string): Header => ({ description, schema: { type: 'string' } });

export const requestHeaders = {
  'Idempotency-Key': text('A request that is sent twice with the same key makes one job'),
  'Last-Event-ID': text('Id of the last event that you received; the stream continues after it'),
  Prefer: text('respond-async: answer at once; wait=N: answer within N seconds (RFC 7240)'),
} satisfies Record<string, Header>;

export const answerHeaders = {
  Location: text('URL of the job or the file'),
  'Retry-After': text('Seconds to wait before the next request'),
  'Preference-Applied': text('The preferences that the service applied'),
  Link: text('Path of the next part, with `rel="next"`; absent on the last one'),
  ETag: text('Identifies this version of the document'),
} satisfies Record<string, Header>;

/** A successful answer. `content`: the component for each media type; none for an empty body. */
export interface Success {
  description: string;
  content?: Record<string, string>;
  headers?: (keyof typeof answerHeaders)[];
}

/** One route: its input and all its answers. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  id: string;
  summary: string;
  description?: string;
  /** Needs no key. */
  open?: true;
  query?: z.ZodObject;
  headers?: (keyof typeof requestHeaders)[];
  /** The component of its body. */
  body?: string;
  bodyIsOptional?: true;
  answers: Record<number, Success>;
  problems: readonly ProblemCode[];
}

const json = (component: string) => ({ 'application/json': component });
const goesOn: Pick<Success, 'headers'> = { headers: ['Location', 'Retry-After', 'Preference-Applied'] };

const ofEveryCall = ['UNAUTHORIZED', 'SERVICE_UNAVAILABLE'] as const;
const ofBodies = ['MALFORMED_JSON', 'TOO_DEEP', 'UNSUPPORTED_MEDIA_TYPE', 'INVALID_INPUT'] as const;
const ofNewJobs = [
  ...ofEveryCall,
  ...ofBodies,
  'WEBHOOKS_NOT_CONFIGURED',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENT_REQUEST_RUNNING',
] as const;
const ofAJob = [...ofEveryCall, 'JOB_NOT_FOUND'] as const;
const ofAProduct = [...ofEveryCall, 'PRODUCT_NOT_FOUND'] as const;

const streamed =
  'With `Accept: application/x-ndjson` the answer is a stream of lines: the job, each outcome as soon as its item is settled, and the state of the job at the end.';

export const operationsOf = (workloads: readonly Workload[]): readonly Operation[] => [
  {
    method: 'post',
    path: '/create-products',
    id: 'createProducts',
    summary: 'Creates a product from each group of photos',
    description: `The service answers with what it finishes in the time of the caller; the rest continues in the background. ${streamed}`,
    headers: ['Idempotency-Key', 'Prefer'],
    body: 'CreateProductsRequest',
    answers: {
      200: {
        description: 'Every item is settled',
        content: { ...json('CreateProductsAnswer'), 'application/x-ndjson': 'ProductLine' },
        headers: ['Preference-Applied'],
      },
      202: {
        description: 'The job continues in the background',
        content: json('CreateProductsAnswer'),
        ...goesOn,
      },
    },
    problems: ofNewJobs,
  },
  {
    method: 'post',
    path: '/jobs',
    id: 'createJob',
    summary: 'Submits a batch for any workload: items, or an uploaded file',
    description: `The service works on a small batch while the caller waits. ${streamed}`,
    headers: ['Idempotency-Key', 'Prefer'],
    body: 'JobRequest',
    answers: {
      200: {
        description: 'Every item is settled',
        content: { ...json('JobAnswer'), 'application/x-ndjson': 'OutcomeLine' },
        headers: ['Preference-Applied'],
      },
      202: { description: 'The job continues in the background', content: json('JobAnswer'), ...goesOn },
    },
    problems: [
      ...ofNewJobs,
      'NOT_ACCEPTABLE',
      'UNKNOWN_WORKLOAD',
      'OPTIONS_INVALID',
      'SOURCE_NOT_FOUND',
      'TOO_MANY_FILES',
      ...fileProblems,
    ],
  },
  {
    method: 'get',
    path: '/jobs',
    id: 'listJobs',
    summary: 'Lists your jobs, the latest first',
    description: 'Counts include only slices that are done.',
    query: jobsQuery,
    answers: { 200: { description: 'A page of jobs', content: json('JobList') } },
    problems: [...ofEveryCall, 'INVALID_INPUT'],
  },
  {
    method: 'get',
    path: '/jobs/{id}',
    id: 'getJob',
    summary: 'Returns a job; with `wait`, as soon as it changes',
    query: jobQuery,
    answers: { 200: { description: 'The job', content: json('Job'), headers: ['Retry-After'] } },
    problems: [...ofAJob, 'INVALID_INPUT'],
  },
  {
    method: 'get',
    path: '/jobs/{id}/results',
    id: 'getResults',
    summary: 'Lists the outcomes so far, in the order of the items',
    query: resultsQuery(workloads),
    answers: { 200: { description: 'A page of outcomes', content: json('Results') } },
    // For a job whose workload no longer exists.
    problems: [...ofAJob, 'INVALID_INPUT', 'UNKNOWN_WORKLOAD'],
  },
  {
    method: 'get',
    path: '/jobs/{id}/output',
    id: 'getOutput',
    summary: 'Redirects to a finished file of the job',
    query: outputQuery,
    answers: { 302: { description: 'A link to the file; it expires', headers: ['Location'] } },
    problems: [...ofAJob, 'INVALID_INPUT', 'JOB_NOT_ENDED', 'NO_SUCH_FILE'],
  },
  {
    method: 'get',
    path: '/jobs/{id}/events',
    id: 'getEvents',
    summary: 'Streams the progress of a job as server-sent events',
    description:
      'The service sends a `progress` event whenever the job advances, and an `end` event when the job has ended. The data of an event is the job, and the items that were settled since the previous event. After 5 s without an event, the service sends a comment.',
    headers: ['Last-Event-ID'],
    answers: {
      200: { description: 'A stream of events', content: { 'text/event-stream': 'JobEvents' } },
      204: { description: 'Nothing follows: Last-Event-ID names the `end` event' },
    },
    problems: ofAJob,
  },
  {
    method: 'post',
    path: '/jobs/{id}/cancel',
    id: 'cancelJob',
    summary: 'Cancels a job: within 2 s no more items start; what is finished stays',
    answers: { 200: { description: 'The job', content: json('Job') } },
    problems: [...ofAJob, 'JOB_ENDED'],
  },
  {
    method: 'post',
    path: '/jobs/{id}/retry',
    id: 'retryJob',
    summary: 'Runs the failed and the cancelled items of a job again, in the same job',
    answers: { 202: { description: 'The job, running again', content: json('Job'), ...goesOn } },
    problems: [...ofAJob, 'JOB_NOT_ENDED', 'NOTHING_FAILED'],
  },
  {
    method: 'get',
    path: '/products',
    id: 'listProducts',
    summary: 'Lists your products in the order of their ids',
    query: productsQuery,
    answers: { 200: { description: 'A page of products', content: json('ProductList') } },
    problems: [...ofEveryCall, 'INVALID_INPUT'],
  },
  {
    method: 'get',
    path: '/products/export',
    id: 'exportProducts',
    summary: 'Returns your products as a file for a shop, or as JSON Lines',
    description:
      'A file that no answer can hold comes in parts, which are one file when they are joined. The `Link` header has the path of the next part.',
    query: exportQuery(catalogIn(workloads)),
    answers: {
      200: {
        description: 'A file, or a part of it',
        content: { 'text/csv': 'ExportFile', 'application/x-ndjson': 'ExportFile' },
        headers: ['Link'],
      },
    },
    problems: [...ofEveryCall, 'INVALID_INPUT'],
  },
  {
    method: 'get',
    path: '/products/{id}',
    id: 'getProduct',
    summary: 'Returns a product, with links to its pictures',
    answers: { 200: { description: 'The product', content: json('CatalogProduct') } },
    problems: ofAProduct,
  },
  {
    method: 'patch',
    path: '/products/{id}',
    id: 'updateProduct',
    summary: 'Merges fields into the metadata of a product',
    body: 'ProductPatch',
    answers: { 200: { description: 'The product as it is now', content: json('CatalogProduct') } },
    problems: [...ofAProduct, ...ofBodies, 'PRODUCT_BUSY'],
  },
  {
    method: 'delete',
    path: '/products/{id}',
    id: 'deleteProduct',
    summary: 'Deletes a product and its pictures; one that does not exist is no error',
    answers: { 204: { description: 'There is no such product, or no longer' } },
    problems: ofEveryCall,
  },
  {
    method: 'post',
    path: '/jobs/{id}/hold',
    id: 'holdJob',
    summary: 'Holds a job: within 2 s it stops, and goes on only when it is resumed',
    answers: { 200: { description: 'The job', content: json('Job') } },
    problems: [...ofAJob, 'JOB_ENDED'],
  },
  {
    method: 'post',
    path: '/jobs/{id}/resume',
    id: 'resumeJob',
    summary: 'Goes on with a held job',
    description:
      'The body may be left out. It changes the pace of a job, held or not, and the format of its output. The files of a job that has ended are written again in the new format.',
    body: 'ResumeRequest',
    bodyIsOptional: true,
    answers: { 202: { description: 'The job', content: json('Job'), ...goesOn } },
    problems: [...ofAJob, ...ofBodies, 'UNKNOWN_WORKLOAD', 'OPTIONS_INVALID', 'JOB_ENDED', 'JOB_NOT_ENDED'],
  },
  {
    method: 'post',
    path: '/uploads',
    id: 'createUploads',
    summary: 'Returns keys for files, and links to upload them with PUT',
    body: 'UploadsRequest',
    answers: { 201: { description: 'A link for each file', content: json('Uploads') } },
    problems: [...ofEveryCall, ...ofBodies],
  },
  {
    method: 'get',
    path: '/health',
    id: 'health',
    summary: 'Tells whether the service is running',
    open: true,
    answers: { 200: { description: 'The service is running', content: json('Health') } },
    problems: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenapi',
    summary: 'Returns this document',
    open: true,
    answers: {
      200: { description: 'An OpenAPI document', content: json('OpenApi'), headers: ['ETag'] },
      304: { description: 'The document is still the one that If-None-Match names', headers: ['ETag'] },
    },
    problems: [],
  },
];
