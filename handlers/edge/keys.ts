import { createHash, timingSafeEqual } from 'node:crypto';
import { environmentErrors } from '../../src/core/engine/environment.ts';
import { SpillwayError } from '../../src/core/engine/errors.ts';

/** A tenant and the SHA-256 of one of its keys: the configuration never holds the keys themselves. */
export interface HashedKey {
  tenant: string;
  hash: Buffer;
}

/**
 * Reads `tenant:<SHA-256 in hex>,…`; a tenant may have several keys. Throws `CONFIGURATION_INVALID`, naming the
 * tenant but never the text in place of the key.
 */
export function parseKeys(list: string): HashedKey[] {
  return list
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [tenant = '', hash = ''] = entry.trim().split(':');
      if (!/^[a-z0-9][a-z0-9_-]{0,62}$/i.test(tenant) || !/^[0-9a-f]{64}$/i.test(hash)) {
        throw new SpillwayError(
          environmentErrors.CONFIGURATION_INVALID,
          `SPILLWAY_API_KEYS: the entry of '${tenant}' is not 'tenant:<SHA-256 of the key in hex>'`,
        );
      }
      return { tenant, hash: Buffer.from(hash, 'hex') };
    });
}

/** The key's tenant, if any. Compares with every hash in constant time, so timing reveals nothing. */
export function tenantOf(keys: readonly HashedKey[], key: string): string | undefined {
  const hash = createHash('sha256').update(key).digest();
  return keys.reduce<string | undefined>(
    (found, candidate) => (timingSafeEqual(candidate.hash, hash) ? candidate.tenant : found),
    undefined,
  );
}

/** The key that came with a request, if any. Header names are in lower case. */
export function keyOf(headers: Record<string, string | undefined>): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? headers['x-api-key'];
}
