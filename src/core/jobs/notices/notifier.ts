import { createAddressGuard } from '../../http/addresses.ts';
import { downloadErrorOf } from '../../http/download-error.ts';
import type { Resolve } from '../../http/guarded-lookup.ts';
import { guardedRequests } from '../../http/guarded-request.ts';
import { RequestFault } from '../../http/request-fault.ts';
import { signaturesOf, tenantKey } from '../../http/webhook-signature.ts';
import type { Notice, Notifier, Reception } from '../model/ports.ts';

export interface NotifierOptions {
  /** The service's secrets, the newest first: each signs, so that a receiver may know any of them. */
  secrets: readonly string[];
  /** http besides https. For local use. */
  allowHttp: boolean;
  /** Addresses that may be reached though they are not public, in CIDR notation. For local use. */
  allowAddresses: readonly string[];
  /** For everything until the receiver's status is known. Default: 10,000 ms. */
  timeoutMs?: number;
}

/** A later try of these would end as this one did. */
const final: ReadonlySet<string> = new Set(['URL_INVALID', 'URL_NOT_ALLOWED', 'ADDRESS_FORBIDDEN']);

/**
 * Sends notices as Standard Webhooks says: signed, with an id that stays the same from try to try. Reaches public
 * addresses only, as downloads do, and follows no redirect: that would be a URL that nobody has checked.
 */
export function createNotifier(
  { secrets, allowHttp, allowAddresses, timeoutMs = 10_000 }: NotifierOptions,
  resolve?: Resolve,
): Notifier {
  const requests = guardedRequests(
    {
      ...{ allowHttp, timeoutMs, maxBytes: 0 },
      addresses: createAddressGuard(allowAddresses),
      // A connection of its own for each: one kept from before may have died while the instance was frozen.
      connections: { pipelining: 0 },
    },
    resolve && { resolve },
  );

  return {
    check(url) {
      try {
        requests.check(url);
      } catch (error) {
        throw error instanceof RequestFault ? downloadErrorOf(error) : error;
      }
    },

    async send({ url, tenant, id, body, at }: Notice): Promise<Reception> {
      const timestamp = Math.floor(at / 1000);
      const keys = secrets.map((secret) => tenantKey(secret, tenant));
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signaturesOf(keys, { id, timestamp, body }),
      };
      try {
        const { status } = await requests.within(undefined, (ask) =>
          ask({ url, method: 'POST', headers, body, reads: () => false }),
        );
        return { status };
      } catch (error) {
        if (!(error instanceof RequestFault)) throw error;
        const { code } = downloadErrorOf(error);
        return { error: code, final: final.has(code) };
      }
    },
  };
}
