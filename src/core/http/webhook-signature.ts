import { createHmac, hkdfSync } from 'node:crypto';

/** The signed parts, besides the key. */
export interface SignedParts {
  id: string;
  /** Seconds since the epoch. */
  timestamp: number;
  body: string;
}

/**
 * One tenant's key, derived from the service's own secret: no tenant can forge another's signature. Derived
 * by HKDF (RFC 5869), so the service keeps no list.
 */
export function tenantKey(secret: string, tenant: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `spillway webhook ${tenant}`, 32));
}

/** A key in the form that receivers get: https://www.standardwebhooks.com. */
export const writtenKey = (key: Buffer): string => `whsec_${key.toString('base64')}`;

/** The value of `webhook-signature`: one signature per key, so that a receiver may hold either of two. */
export function signaturesOf(keys: readonly Buffer[], { id, timestamp, body }: SignedParts): string {
  return keys
    .map((key) => createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64'))
    .map((signature) => `v1,${signature}`)
    .join(' ');
}
