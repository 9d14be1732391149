import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { problemCodes } from '../../handlers/edge/problem-codes.ts';
import { handler } from '../../handlers/get-openapi.ts';
import { openapiDocument } from '../../handlers/openapi/document.ts';
import { operationsOf } from '../../handlers/openapi/operations.ts';
import { workloadsToLookAt } from '../../src/workloads/describe.ts';
import { withExample } from '../workloads/with-example.ts';

const workloads = workloadsToLookAt({}, withExample);

/** As it arrives. */
const document: {
  paths: Record<string, Record<string, object>>;
  components: { schemas: Record<string, object> };
} = JSON.parse(JSON.stringify(openapiDocument(workloads)));

/** Codes of answers to calls that there are none. */
const ofNoRoute = ['NOT_FOUND', 'METHOD_NOT_ALLOWED'];

/** Served where answers can be streamed, not by the HTTP API. */
const streamed = ['GET /jobs/{id}/events'];

describe('the OpenAPI document', () => {
  it('is one, of version 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const broken = { ...structuredClone(document), paths: { 'no-slash': {} } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it('refers to nothing that it does not have', () => {
    const refs = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)];
    expect(refs.length).toBeGreaterThan(20);
    for (const [, name = ''] of refs) expect(document.components.schemas).toHaveProperty(name);
  });

  it('has the routes of serverless.yml, no more and no fewer', () => {
    const { functions } = parse(readFileSync('serverless.yml', 'utf8')) as {
      functions: Record<string, { events?: { httpApi?: { method: string; path: string } }[] }>;
    };
    const served = Object.values(functions)
      .flatMap(({ events = [] }) => events)
      .flatMap(({ httpApi }) => (httpApi ? [`${httpApi.method} ${httpApi.path}`] : []));
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...new Set([...served, ...streamed])].sort());
  });

  it('tells of every code that a problem may have, with the route that it comes from', () => {
    const told = new Set<string>(operationsOf(workloads).flatMap(({ problems }) => problems));
    expect([...told, ...ofNoRoute].sort()).toEqual(Object.keys(problemCodes).sort());
  });

  it('tells of every workload what it takes', () => {
    for (const { name, columns = [] } of workloads) {
      const id = name.replace(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase());
      expect(document.components.schemas).toHaveProperty(`${id}Item`);
      expect(document.components.schemas).toHaveProperty(`${id}Options`);
      const { description } = document.components.schemas[`${id}Job`] as { description: string };
      const named = typeof columns === 'function' ? ['that the options name'] : columns;
      for (const column of named) expect(description).toContain(column);
    }
  });

  it('is served with a tag, and not sent again to whoever has it', async () => {
    const first = await handler({ headers: {} });
    expect(first).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'public, max-age=300' } });
    const again = await handler({ headers: { 'if-none-match': first.headers.etag } });
    expect(again).toMatchObject({ statusCode: 304, headers: { etag: first.headers.etag } });
    expect(again).not.toHaveProperty('body');
    expect(await handler({ headers: { 'if-none-match': '"another"' } })).toMatchObject({ statusCode: 200 });
  });
});
