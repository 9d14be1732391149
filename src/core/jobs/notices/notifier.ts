import { type AddressGuard, createAddressGuard } from '../../http/addresses.ts';
import { checkUrl, forbidden, noHost } from '../../http/download.ts';
import { failedConnection } from '../../http/download-error.ts';
import { guardedLookup, type Resolve, resolveAll } from '../../http/guarded-lookup.ts';
import { httpAgent } from '../../http/http-agent.ts';
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
  resolve: Resolve = resolveAll,
): Notifier {
  const guard = createAddressGuard(allowAddresses);
  const agent = httpAgent({
    connect: { lookup: guardedLookup(guard, resolve, { forbidden, noHost }), timeout: timeoutMs },
    // A connection of its own for each: one kept from before may have died while the instance was frozen.
    pipelining: 0,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const check = (text: string) => checkTarget(text, { allowHttp }, guard);

  return {
    check(url) {
      check(url);
    },

    async send({ url: text, tenant, id, body, at }: Notice): Promise<Reception> {
      const timestamp = Math.floor(at / 1000);
      const keys = secrets.map((secret) => tenantKey(secret, tenant));
      const signal = AbortSignal.timeout(timeoutMs);
      let url = new URL('https://invalid');
      try {
        url = check(text);
        const { statusCode, body: answer } = await agent.request(url, {
          method: 'POST',
          signal,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'spillway',
            'webhook-id': id,
            'webhook-timestamp': String(timestamp),
            'webhook-signature': signaturesOf(keys, { id, timestamp, body }),
          },
          body,
        });
        // Destroying a body that nobody reads closes its socket, and is reported as an error of the body.
        answer.on('error', () => {});
        answer.destroy();
        return { status: statusCode };
      } catch (error) {
        const code = signal.aborted ? 'TIMED_OUT' : failedConnection(url, error).code;
        return { error: code, final: final.has(code) };
      }
    },
  };
}

/** Names of this machine itself are refused like its address; what other names stand for shows when they are called. */
function checkTarget(text: string, rules: { allowHttp: boolean }, guard: AddressGuard): URL {
  const url = checkUrl(text, undefined, rules, guard);
  if (/(^|\.)localhost\.?$/.test(url.hostname) && !guard.allows('127.0.0.1')) throw forbidden(url.hostname);
  return url;
}
