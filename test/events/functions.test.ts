import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { check, parseBody, parseQuery } from '../../handlers/edge/input.ts';
import {
  catalogIn,
  exportQuery,
  productPatch,
  productsIn,
  productsQuery,
  productsRequest,
} from '../../handlers/edge/products.ts';
import {
  fileJob,
  filesJob,
  itemsJob,
  jobQuery,
  jobRequest,
  jobsQuery,
  outputQuery,
  resultsQuery,
  uploadsRequest,
} from '../../handlers/edge/requests.ts';
import { loadConfig } from '../../src/local/config.ts';
import { routeMatcher } from '../../src/local/routes.ts';
import { productGroup } from '../../src/workloads/create-products/schema.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';

type ApiEvent = Parameters<typeof parseBody>[0];

const config = loadConfig({ env: {} });
const match = routeMatcher(config.routes);
const names = readdirSync('events');
const ending = (end: string) => names.filter((name) => name.endsWith(end));
const read = (name: string) => JSON.parse(readFileSync(`events/${name}`, 'utf8'));

const workloads = new Map(workloadsToLookAt().map((workload) => [workload.name, workload]));

/** As handlers/create-job.ts reads it. */
function readJob(event: ApiEvent): void {
  const body = parseBody(event, jobRequest);
  const workload = workloads.get(body.workload);
  if (!workload) throw new Error(`There is no workload '${body.workload}'`);
  if ('items' in body.source) check(itemsJob(workload), body, workload.name);
  else if ('key' in body.source) check(fileJob(workload), body, workload.name);
  else check(filesJob(workload), body, workload.name);
}

function readProducts(event: ApiEvent): void {
  const { productGroups } = parseBody(event, productsRequest(productsIn(workloads.values())));
  for (const { key } of z
    .array(productGroup)
    .parse(productGroups)
    .flatMap(({ images }) => images)) {
    const sample = key?.replace('uploads/local/samples/', 'events/photos/');
    expect(sample && existsSync(sample)).toBe(true);
  }
}

/** What a route reads of its event; others read nothing but the path. */
const readers: Record<string, (event: ApiEvent) => unknown> = {
  'POST /create-products': readProducts,
  'POST /jobs': readJob,
  'POST /uploads': (event) => parseBody(event, uploadsRequest),
  'GET /products': (event) => parseQuery(event, productsQuery),
  'GET /products/export': (event) => parseQuery(event, exportQuery(catalogIn(workloads.values()))),
  'PATCH /products/{id}': (event) => parseBody(event, productPatch),
  'GET /jobs': (event) => parseQuery(event, jobsQuery),
  'GET /jobs/{id}': (event) => parseQuery(event, jobQuery),
  'GET /jobs/{id}/results': (event) => parseQuery(event, resultsQuery(workloads.values())),
  'GET /jobs/{id}/output': (event) => parseQuery(event, outputQuery),
};

/** The function that an HTTP event is for, once the event is seen to be what that function takes. */
function functionOf(event: ApiEvent): string {
  const { method, path } = event.requestContext.http;
  expect(event.rawPath).toBe(path);
  const found = match(method, path, event.headers.accept);
  if (found.kind !== 'found') throw new Error(`No function takes ${method} ${path}`);
  const { route, pathParameters } = found;
  const key = `${route.method} ${route.path}`;
  const routeKey = route.streamed ? '$default' : key;
  expect([event.routeKey, event.requestContext.routeKey]).toEqual([routeKey, routeKey]);
  if (!route.streamed) expect(event.pathParameters ?? {}).toEqual(pathParameters);
  if (event.body) expect(event.headers['content-length']).toBe(String(Buffer.byteLength(event.body)));
  expect(Object.fromEntries(new URLSearchParams(event.rawQueryString))).toEqual(
    event.queryStringParameters ?? {},
  );
  readers[key]?.(event);
  return route.functionName;
}

it.each([...ending('.apigw.json'), ...ending('.url.json')])('%s is a request that is accepted', (name) => {
  expect(config.functions.has(functionOf(read(name)))).toBe(true);
});

it.each(ending('.sqs.json'))('%s is a message of a queue that a function reads', (name) => {
  for (const { body, md5OfBody, eventSourceARN } of read(name).Records) {
    expect(md5OfBody).toBe(createHash('md5').update(body).digest('hex'));
    expect(JSON.parse(body)).toEqual({ jobId: expect.stringMatching(/^job_/), sliceId: expect.any(String) });
    expect([...config.resources.values()].map((resource) => resource.name)).toContain(
      eventSourceARN.split(':').at(-1),
    );
  }
});

it.each([
  ['create-products.json', 'create-products.apigw.json', readProducts],
  ['analyze-products.json', 'analyze-products.apigw.json', readJob],
])('%s is a body for curl', (name, event, reader) => {
  reader({ ...read(event), body: JSON.stringify(read(name)) });
});

it('there is an event for each function', () => {
  const ofRoutes = [...ending('.apigw.json'), ...ending('.url.json')].map((name) => functionOf(read(name)));
  const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const others = [...config.functions.keys()].filter((name) => !ofRoutes.includes(name));
  expect(others.map((name) => names.filter((file) => file.startsWith(`${kebab(name)}.`)))).toEqual(
    others.map(() => [expect.any(String)]),
  );
});
