import { createHmac, hkdfSync } from 'node:crypto';

/** What a signature is made of, besides the key. */
export interface SignedParts {
  id: string;
  /** Seconds since the epoch. */
  timestamp: number;
  body: string;
}

/**
 * The key of one tenant, out of the service's own secret: no tenant can sign what another one believes. Derived by HKDF
 * (RFC 5869), so that the service keeps no list.
 */
export function tenantKey(secret: string, tenant: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `spillway webhook ${tenant}`, 32));
}

/** A key as receivers are given it: https://www.standardwebhooks.com. */
export const writtenKey = (key: Buffer): string => `whsec_${key.toString('base64')}`;

/** The value of `webhook-signature`: one signature for each key, so that a receiver may know either of two. */
export function signaturesOf(keys: readonly Buffer[], { id, timestamp, body }: SignedParts): string {
  return keys
    .map((key) => createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64'))
    .map((signature) => `v1,${signature}`)
    .join(' ');
}
