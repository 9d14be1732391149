import { createHash } from 'node:crypto';
import type { Submission } from '../../src/core/jobs/submit.ts';
import type { ApiEvent } from './api.ts';
import { edgeErrors } from './edge-errors.ts';
import { bodyText } from './input.ts';
import { Problem } from './problem.ts';

/** The caller's `Idempotency-Key` with a hash of its request. Throws 422 for a malformed key. */
export function idempotencyOf(event: ApiEvent): Pick<Submission, 'idempotency'> {
  const key = event.headers['idempotency-key'];
  if (key === undefined) return {};
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new Problem(edgeErrors.INVALID_INPUT, 'The Idempotency-Key is not valid', {
      errors: [{ path: 'Idempotency-Key', message: 'must have 1 to 255 printable ASCII characters' }],
    });
  }
  const requestHash = createHash('sha256')
    .update(event.rawPath)
    .update('\n')
    .update(bodyText(event))
    .digest('hex');
  return { idempotency: { key, requestHash } };
}
