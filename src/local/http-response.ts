import * as z from 'zod';
import { gatewayErrors } from './local-errors.ts';
import { problem } from './problem.ts';

/** What a function may return for an HTTP API, payload format 2.0. */
const responseSchema = z.object({
  // 1xx cannot be final.
  statusCode: z.coerce.number().int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Statuses whose responses have no body (RFC 9110). */
export const bodiless = new Set([204, 205, 304]);

/**
 * Interprets a function's result as an HTTP API does: an object with `statusCode` is a response; anything
 * else is the body of a 200, as JSON. A response with the wrong shape is a failure of the function.
 */
export function httpResponse(result: unknown): Response {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    return new Response(JSON.stringify(result), { headers: { 'content-type': 'application/json' } });
  }
  const parsed = responseSchema.safeParse(result);
  if (!parsed.success)
    return problem(gatewayErrors.FUNCTION_FAILED, 'The function returned a malformed response.');
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const sent = new Headers({ 'content-type': 'text/plain;charset=utf-8' });
  for (const [name, value] of Object.entries(headers ?? {})) sent.set(name, String(value));
  for (const cookie of cookies ?? []) sent.append('set-cookie', cookie);
  if (bodiless.has(statusCode)) {
    sent.delete('content-type');
    return new Response(null, { status: statusCode, headers: sent });
  }
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8');
  return new Response(bytes, { status: statusCode, headers: sent });
}
