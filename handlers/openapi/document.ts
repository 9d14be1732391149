import type { Workload } from '../../src/core/jobs/workload.ts';
import { describeWorkload } from '../../src/workloads/describe.ts';
import { inputSchema } from '../../src/workloads/json-schema.ts';
import { type ProblemCode, problemCodes } from '../edge/problem-codes.ts';
import { componentsOf, refTo } from './components.ts';
import { answerHeaders, type Operation, operationsOf, requestHeaders, type Success } from './operations.ts';

/** The OpenAPI 3.1 description of the whole interface, made from the handlers' own schemas and codes. */
export function openapiDocument(workloads: readonly Workload[]) {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operationsOf(workloads)) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Spillway',
      version: '1',
      description: 'Batch processing that answers in time and never loses an item.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths,
    webhooks: { jobEnded },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: componentsOf(workloads),
    },
    'x-spillway-workloads': workloads.map(describeWorkload),
  };
}

const signedHeader = (name: string, description: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
});

const jobEnded = {
  post: {
    summary: 'A job with a webhook has ended. The service sends this to the URL of the webhook',
    security: [],
    parameters: [
      signedHeader('webhook-id', 'The same for every attempt'),
      signedHeader('webhook-timestamp', 'When it was sent, in seconds since the epoch'),
      signedHeader('webhook-signature', 'As defined by Standard Webhooks, one for each secret'),
    ],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { $ref: refTo('EndNotice') } } },
    },
    responses: {
      '2XX': { description: 'The notice has arrived' },
      410: { description: 'The receiver wants no more notices' },
      default: { description: 'The service sends the notice again, at growing intervals' },
    },
  },
};

function describe(operation: Operation): object {
  const { id, summary, description, open, body, bodyIsOptional, answers, problems } = operation;
  return {
    operationId: id,
    summary,
    ...(description && { description }),
    ...(open && { security: [] }),
    parameters: parametersOf(operation),
    ...(body && {
      requestBody: {
        required: !bodyIsOptional,
        content: { 'application/json': { schema: { $ref: refTo(body) } } },
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, success(answer)])),
      ...problemsOf(problems),
      ...(body && { 413: { description: 'The body has more than 6 MB; the gateway answers' } }),
    },
  };
}

function parametersOf({ path, query, headers = [] }: Operation): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties = {}, required = [] } = query ? inputSchema(query) : {};
  const inQuery = Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = Object(property) as { description?: string };
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description && { description }),
      schema,
    };
  });
  const inHeaders = headers.map((name) => ({ name, in: 'header', ...requestHeaders[name] }));
  // `Accept` is not a parameter in OpenAPI: the answers' media types show the choices.
  return [...inPath, ...inQuery, ...inHeaders];
}

function success({ description, content, headers }: Success): object {
  return {
    description,
    ...(content && {
      content: Object.fromEntries(
        Object.entries(content).map(([type, component]) => [type, { schema: { $ref: refTo(component) } }]),
      ),
    }),
    ...(headers && { headers: Object.fromEntries(headers.map((name) => [name, answerHeaders[name]])) }),
  };
}

/** Problems by status, each with its possible codes. */
function problemsOf(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = Map.groupBy(codes, (code) => problemCodes[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, found]) => [
      status,
      {
        description: found.join(', '),
        content: {
          'application/problem+json': {
            schema: { $ref: refTo('Problem'), properties: { code: { enum: found } } },
          },
        },
      },
    ]),
  );
}
