import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Described {
  paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  responses: Record<string, { content?: Record<string, object>; headers?: Record<string, object> }>;
}

/** An answer as it was. */
export interface Given {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Throws for an answer that is not as the OpenAPI document says that the service serves. */
export type Conformance = (method: string, path: string, given: Given) => void;

/** These depend on the request, or on how far the job is. */
const optional = new Set(['Preference-Applied', 'Retry-After']);

/** Reads a service's own document. What the gateway answers to calls that there are none is left alone. */
export async function conformanceWith(url: string): Promise<Conformance> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Described;
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`),
  }));

  return (method, path, { status, headers, body }) => {
    const called = path.split('?')[0] ?? '';
    const { template = '' } = templates.find(({ pattern }) => pattern.test(called)) ?? {};
    const operation = document.paths[template]?.[method.toLowerCase()];
    if (!operation) return;
    const refuse = (why: string) => {
      throw new Error(`${method} ${path} → ${status}: ${why}: ${JSON.stringify(body)}`);
    };
    const response = operation.responses[status] ?? refuse('the document does not tell of it');
    for (const name of Object.keys(response?.headers ?? {})) {
      if (!headers.has(name) && !optional.has(name)) refuse(`${name} is missing`);
    }
    if (!response?.content) return;
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    if (!response.content[type]) refuse(`is ${type}`);
    const pointer = ['paths', template, method.toLowerCase(), 'responses', status, 'content', type, 'schema']
      .map((step) => encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    if (!ajv.validate({ $ref: `openapi#/${pointer}` }, body)) refuse(ajv.errorsText());
  };
}
