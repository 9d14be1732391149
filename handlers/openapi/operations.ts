import type { z } from 'zod';
import type { Workload } from '../../src/core/jobs/workload.ts';
import { fileProblems, type ProblemCode } from '../edge/problem-codes.ts';
import { jobQuery, jobsQuery, outputQuery, resultsQuery } from '../edge/requests.ts';

/** A header that a call takes or an answer has. */
export type Header = { description: string; schema: { type: string } };

const text = (description: string): Header => ({ description, schema: { type: 'string' } });

export const requestHeaders = {
  'Idempotency-Key': text('The same request sent twice under one key is one job'),
  'Last-Event-ID': text('Of the last event that was seen: the stream goes on from there'),
  Prefer: text('respond-async: answer at once; wait=N: answer within N seconds (RFC 7240)'),
} satisfies Record<string, Header>;

export const answerHeaders = {
  Location: text('Where to go on'),
  'Retry-After': text('Seconds after which to look again'),
  'Preference-Applied': text('What of Prefer was kept to'),
  ETag: text('Of this version'),
} satisfies Record<string, Header>;

/** An answer other than a problem. `content`: the component that each media type holds; none for an empty body. */
export interface Success {
  description: string;
  content?: Record<string, string>;
  headers?: (keyof typeof answerHeaders)[];
}

/** One route: what it takes and everything that it may answer. */
export interface Operation {
  method: 'get' | 'post';
  path: string;
  id: string;
  summary: string;
  description?: string;
  /** Nobody asks for a key. */
  open?: true;
  query?: z.ZodObject;
  headers?: (keyof typeof requestHeaders)[];
  /** The component that its body is. */
  body?: string;
  answers: Record<number, Success>;
  problems: readonly ProblemCode[];
}

const json = (component: string) => ({ 'application/json': component });
const goesOn: Pick<Success, 'headers'> = { headers: ['Location', 'Retry-After', 'Preference-Applied'] };

const ofEveryCall = ['UNAUTHORIZED', 'SERVICE_UNAVAILABLE'] as const;
const ofBodies = ['MALFORMED_JSON', 'UNSUPPORTED_MEDIA_TYPE', 'INVALID_INPUT'] as const;
const ofNewJobs = [
  ...ofEveryCall,
  ...ofBodies,
  'WEBHOOKS_NOT_CONFIGURED',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENT_REQUEST_RUNNING',
] as const;
const ofAJob = [...ofEveryCall, 'JOB_NOT_FOUND'] as const;

const streamed =
  'With `Accept: application/x-ndjson` the answer is a stream of lines: the job, each outcome as soon as it is settled, and the job as it stands at the end.';

export const operationsOf = (workloads: readonly Workload[]): readonly Operation[] => [
  {
    method: 'post',
    path: '/create-products',
    id: 'createProducts',
    summary: 'Makes a product of each group of photos',
    description: `What fits the caller's time is answered at once, the rest goes on elsewhere. ${streamed}`,
    headers: ['Idempotency-Key', 'Prefer'],
    body: 'CreateProductsRequest',
    answers: {
      200: {
        description: 'All is settled',
        content: { ...json('CreateProductsAnswer'), 'application/x-ndjson': 'ProductLine' },
        headers: ['Preference-Applied'],
      },
      202: { description: 'Work goes on', content: json('CreateProductsAnswer'), ...goesOn },
    },
    problems: ofNewJobs,
  },
  {
    method: 'post',
    path: '/jobs',
    id: 'createJob',
    summary: 'Submits a batch for any workload: items, or an uploaded file',
    description: `A small batch is worked on while the caller waits. ${streamed}`,
    headers: ['Idempotency-Key', 'Prefer'],
    body: 'JobRequest',
    answers: {
      200: {
        description: 'All is settled',
        content: { ...json('JobAnswer'), 'application/x-ndjson': 'OutcomeLine' },
        headers: ['Preference-Applied'],
      },
      202: { description: 'Work goes on', content: json('JobAnswer'), ...goesOn },
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
    summary: 'Your jobs, the latest first',
    description: 'Counts are those of the slices that are done.',
    query: jobsQuery,
    answers: { 200: { description: 'A page of jobs', content: json('JobList') } },
    problems: [...ofEveryCall, 'INVALID_INPUT'],
  },
  {
    method: 'get',
    path: '/jobs/{id}',
    id: 'getJob',
    summary: 'A job, held on wish until it changes',
    query: jobQuery,
    answers: { 200: { description: 'The job', content: json('Job'), headers: ['Retry-After'] } },
    problems: [...ofAJob, 'INVALID_INPUT'],
  },
  {
    method: 'get',
    path: '/jobs/{id}/results',
    id: 'getResults',
    summary: 'Outcomes so far, in the order of the items, page by page',
    query: resultsQuery(workloads),
    answers: { 200: { description: 'A page of outcomes', content: json('Results') } },
    // Of a job whose workload is gone since.
    problems: [...ofAJob, 'INVALID_INPUT', 'UNKNOWN_WORKLOAD'],
  },
  {
    method: 'get',
    path: '/jobs/{id}/output',
    id: 'getOutput',
    summary: 'The finished file',
    query: outputQuery,
    answers: { 302: { description: 'Where the file is; the link expires', headers: ['Location'] } },
    problems: [...ofAJob, 'INVALID_INPUT', 'JOB_NOT_ENDED', 'NO_SUCH_FILE'],
  },
  {
    method: 'get',
    path: '/jobs/{id}/events',
    id: 'getEvents',
    summary: 'Progress as server-sent events',
    description:
      'Events named `progress` whenever the job is further, and one named `end` when it has ended; the data of each is the job, and what was settled since the event before. A comment comes every 5 s of silence.',
    headers: ['Last-Event-ID'],
    answers: {
      200: { description: 'A stream of events', content: { 'text/event-stream': 'JobEvents' } },
      204: { description: 'The end was told already, by the event that Last-Event-ID names' },
    },
    problems: ofAJob,
  },
  {
    method: 'post',
    path: '/jobs/{id}/cancel',
    id: 'cancelJob',
    summary: 'Ends a job: nothing new starts within 2 s, what is finished stays',
    answers: { 200: { description: 'The job', content: json('Job') } },
    problems: [...ofAJob, 'JOB_ENDED'],
  },
  {
    method: 'post',
    path: '/jobs/{id}/retry',
    id: 'retryJob',
    summary: 'Runs again what failed and what was cancelled, and only that, in the same job',
    answers: { 202: { description: 'The job, running again', content: json('Job'), ...goesOn } },
    problems: [...ofAJob, 'JOB_NOT_ENDED', 'NOTHING_FAILED'],
  },
  {
    method: 'post',
    path: '/uploads',
    id: 'createUploads',
    summary: 'Keys, and links to PUT files to',
    body: 'UploadsRequest',
    answers: { 201: { description: 'A link for each file', content: json('Uploads') } },
    problems: [...ofEveryCall, ...ofBodies],
  },
  {
    method: 'get',
    path: '/health',
    id: 'health',
    summary: 'Whether the service is there',
    open: true,
    answers: { 200: { description: 'It is', content: json('Health') } },
    problems: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenapi',
    summary: 'This document',
    open: true,
    answers: {
      200: { description: 'An OpenAPI document', content: json('OpenApi'), headers: ['ETag'] },
      304: { description: 'It is still the one of If-None-Match', headers: ['ETag'] },
    },
    problems: [],
  },
];
