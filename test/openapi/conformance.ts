import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Described {
  paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  requestBody?: object;
  responses: Record<string, { content?: Record<string, object>; headers?: Record<string, object> }>;
}

/** A request's JSON, and the answer to it as it was. */
export interface Given {
  request?: unknown;
  status: number;
  headers: Headers;
  body: unknown;
}

/** What a service does beside what its OpenAPI document says. */
export interface Conformance {
  /** Throws for an answer that is not as the document says, and for a request that was granted against it. */
  check(method: string, path: string, given: Given): void;
  /** Whether the document allows such a request. */
  allows(method: string, path: string, request: unknown): boolean;
}

/** These depend on the request, on how far the job is, or on how much there is. */
const optional = new Set(['Link', 'Preference-Applied', 'Retry-After']);

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

  const find = (method: string, path: string) => {
    const called = path.split('?')[0] ?? '';
    const { template = '' } = templates.find(({ pattern }) => pattern.test(called)) ?? {};
    return { template, operation: document.paths[template]?.[method.toLowerCase()] };
  };
  const fits = (value: unknown, ...steps: (string | number)[]) => {
    const pointer = steps.map((step) =>
      encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    return ajv.validate({ $ref: `openapi#/${['paths', ...pointer].join('/')}` }, value);
  };
  const inRequest = ['requestBody', 'content', 'application/json', 'schema'];
  const allows = (method: string, path: string, request: unknown) => {
    const { template, operation } = find(method, path);
    return (
      operation?.requestBody !== undefined && fits(request, template, method.toLowerCase(), ...inRequest)
    );
  };

  const check = (method: string, path: string, { request, status, headers, body }: Given) => {
    const { template, operation } = find(method, path);
    if (!operation) return;
    const refuse = (why: string) => {
      throw new Error(`${method} ${path} → ${status}: ${why}: ${JSON.stringify(body)}`);
    };
    if (status < 300 && typeof request === 'object' && !allows(method, path, request))
      refuse(`granted, but the document does not allow it (${ajv.errorsText()})`);
    const response = operation.responses[status] ?? refuse('the document does not tell of it');
    for (const name of Object.keys(response?.headers ?? {})) {
      if (!headers.has(name) && !optional.has(name)) refuse(`${name} is missing`);
    }
    if (!response?.content) return;
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    if (!response.content[type]) refuse(`is ${type}`);
    const inAnswer = ['responses', status, 'content', type, 'schema'];
    if (!fits(body, template, method.toLowerCase(), ...inAnswer)) refuse(ajv.errorsText());
  };
  return { check, allows };
}
