import { json, type Reply } from '../api.ts';

/** An error as Groq tells it. */
export function failure(status: number, message: string, type: string, code?: string): Reply {
  return json(status, errorBody(message, type, code));
}

export function errorBody(message: string, type: string, code?: string) {
  return { error: { message, type, ...(code !== undefined && { code }) } };
}

export function invalidRequest(message: string, code?: string): Reply {
  return failure(400, message, 'invalid_request_error', code);
}

export function notFound(what: string): Reply {
  return failure(404, `${what} not found`, 'invalid_request_error', 'not_found');
}
