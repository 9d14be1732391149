import type { HonoRequest } from 'hono';
import type { ApiRequest, FormField } from './apis/api.ts';

/** Reads a request to its end. Rejects if the caller breaks it off. */
export async function readRequest(request: HonoRequest): Promise<ApiRequest> {
  const bytes = await request.arrayBuffer();
  const type = request.header('content-type') ?? '';
  const text = () => new TextDecoder().decode(bytes);
  return {
    header: (name) => request.header(name),
    query: (name) => request.query(name),
    param: (name) => request.param(name) ?? '',
    text,
    json: () => parseJson(text()),
    form: await readForm(bytes, type),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readForm(bytes: ArrayBuffer, type: string): Promise<Map<string, FormField> | undefined> {
  if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type)) return undefined;
  try {
    const data = await new Response(bytes, { headers: { 'content-type': type } }).formData();
    const form = new Map<string, FormField>();
    for (const [name, value] of data) {
      const isText = typeof value === 'string';
      form.set(name, isText ? { text: value } : { text: await value.text(), filename: value.name });
    }
    return form;
  } catch {
    return undefined;
  }
}
