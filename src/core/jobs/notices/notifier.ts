import { createAddressGuard } from '../../http/addresses.ts';
import { downloadErrorOf } from '../../http/download-error.ts';
import type { Resolve } from '../../http/guarded-lookup.ts';
import { guardedRequests } from '../../http/guarded-request.ts';
import { RequestFault } from '../../http/request-fault.ts';
import { signaturesOf, tenantKey } from '../../http/webhook-signature.ts';
import type { Notice, Notifier, Reception } from '../model/ports.ts';

export interface NotifierOptions {
  /** The service's secrets, the newest first. Each signs every notice, so a receiver needs to know only one of them. */
  secrets: readonly string[];
  /** Allows http besides https. For local use. */
  allowHttp: boolean;
  /** Non-public addresses that may be reached, in CIDR notation. For local use. */
  allowAddresses: readonly string[];
  /** Milliseconds for everything until the receiver's status is known. Default: 10,000. */
  timeoutMs?: number;
}

/** Errors that a later try would meet again. */
const final: ReadonlySet<string> = new Set(['URL_INVALID', 'URL_NOT_ALLOWED', 'ADDRESS_FORBIDDEN']);

/**
 * Sends notices as Standard Webhooks specifies: signed, with the same id for every try. Reaches public addresses only,
 * as downloads do, and follows no redirects: their URLs are unchecked.
 */
export function createNotifier(
  { secrets, allowHttp, allowAddresses, timeoutMs = 10_000 }: NotifierOptions,
  resolve?: Resolve,
): Notifier {
  const requests = guardedRequests(
    {
      ...{ allowHttp, timeoutMs, maxBytes: 0 },
      addresses: createAddressGuard(allowAddresses),
      // A new connection for each notice: a kept one may have died while the instance was frozen.
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
