import { STATUS_CODES } from 'node:http';
import type { gatewayErrors } from './local-errors.ts';

type GatewayError = (typeof gatewayErrors)[keyof typeof gatewayErrors];

/** An error of the gateway itself, as a problem document (RFC 9457). */
export function problem(
  { code, status }: GatewayError,
  detail: string,
  headers: Record<string, string> = {},
): Response {
  const title = STATUS_CODES[status];
  return new Response(JSON.stringify({ type: 'about:blank', title, status, detail, code }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}
