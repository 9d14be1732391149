import { createHash } from 'node:crypto';
import { SpillwayError } from '../core/engine/errors.ts';
import { localErrors } from './local-errors.ts';

/** The default key, and with its tenant. */
export const defaultKey = 'local';
export const defaultApiKeys = `local:${defaultKey}`;

/**
 * Turns `tenant:key,…` into `tenant:<SHA-256 of the key in hex>,…`, the form that functions receive. A value
 * of 64 hex digits counts as a hash. Throws `API_KEYS_INVALID`, without quoting a key.
 */
export function hashApiKeys(list: string): string {
  const entries = list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries
    .map((entry, index) => {
      const [, tenant, key] = /^([^:]+):(.+)$/.exec(entry) ?? [];
      if (tenant === undefined || key === undefined) {
        throw new SpillwayError(
          localErrors.API_KEYS_INVALID,
          `SPILLWAY_API_KEYS: entry ${index + 1} is not of the form tenant:key`,
        );
      }
      return `${tenant}:${/^[0-9a-f]{64}$/i.test(key) ? key : createHash('sha256').update(key).digest('hex')}`;
    })
    .join(',');
}
