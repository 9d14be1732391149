/** Codes of the gateway's own errors; those of functions are the functions' affair. */
const problems = {
  BAD_PATH: { status: 400, title: 'Bad Request' },
  UNAUTHORIZED: { status: 401, title: 'Unauthorized' },
  FORBIDDEN: { status: 403, title: 'Forbidden' },
  NOT_FOUND: { status: 404, title: 'Not Found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method Not Allowed' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'Content Too Large' },
  FUNCTION_FAILED: { status: 500, title: 'Internal Server Error' },
  SERVICE_UNAVAILABLE: { status: 503, title: 'Service Unavailable' },
} as const;

export type ProblemCode = keyof typeof problems;

/** An error of the gateway itself, as a problem document (RFC 9457). */
export function problem(code: ProblemCode, detail: string, headers: Record<string, string> = {}): Response {
  const { status, title } = problems[code];
  return new Response(JSON.stringify({ type: 'about:blank', title, status, detail, code }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}
