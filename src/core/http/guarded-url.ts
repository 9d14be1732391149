import { isIP } from 'node:net';
import type { AddressGuard } from './addresses.ts';
import { forbidden, printable, RequestFault } from './request-fault.ts';

/** What the URLs of strangers may be. */
export interface UrlRules {
  addresses: AddressGuard;
  /** Accept http besides https. */
  allowHttp: boolean;
}

/** A stranger's URL that may be called, as far as that shows without asking anybody. Throws a {@link RequestFault}. */
export function checkUrl(text: string, { addresses, allowHttp }: UrlRules, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) {
    throw new RequestFault(
      'url-invalid',
      base ? `${printable(base)} redirects to an invalid URL` : 'Not a valid URL',
    );
  }
  const secure = url.protocol === 'https:';
  if (!secure && !(url.protocol === 'http:' && allowHttp)) {
    throw new RequestFault('url-not-allowed', `${url.protocol} URLs are not accepted`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new RequestFault('url-not-allowed', 'URLs with credentials are not accepted');
  }
  // As browsers do, so that nobody talks to a mail server or the like through us.
  if (url.port !== '' && url.port !== '80' && url.port !== '443' && Number(url.port) < 1024) {
    throw new RequestFault('url-not-allowed', `Port ${url.port} is not accepted`);
  }
  // A socket to a literal address never asks the lookup. The URL parser has made 2130706433, 0x7f.1 and the like
  // into four decimal parts by now.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !addresses.allows(host)) throw forbidden(host);
  // Names of this machine itself are refused like its address; what others stand for shows when they are called.
  if (/(^|\.)localhost\.?$/.test(host) && !own.some((address) => addresses.allows(address))) {
    throw forbidden(host);
  }
  return url;
}

const own = ['127.0.0.1', '::1'];
