import { json, type Reply } from '../api.ts';

/** An error as the Selling Partner API tells it. */
export function failure(status: number, code: string, message: string, details = ''): Reply {
  return json(status, { errors: [{ code, message, details }] });
}

export function invalidInput(message: string, details?: string): Reply {
  return failure(400, 'InvalidInput', message, details);
}

export function unauthorized(details: string): Reply {
  return failure(403, 'Unauthorized', 'Access to requested resource is denied.', details);
}
