import { isIP } from 'node:net';
import type { AddressGuard } from './addresses.ts';
import { forbidden, printable, RequestFault } from './request-fault.ts';

/** What strangers' URLs may be. */
export interface UrlRules {
  addresses: AddressGuard;
  /** Accept http as well as https. */
  allowHttp: boolean;
}

/** Whoever runs the service may allow what is refused elsewhere. */
export const toAllowHttp =
  'To allow them: SPILLWAY_ALLOW_HTTP=true in the environment of the service, or npm start -- --allow-local-urls';

/** Checks a stranger's URL as far as possible without resolving its host. Throws a {@link RequestFault}. */
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
    const how = url.protocol === 'http:' ? `. ${toAllowHttp}` : '';
    throw new RequestFault('url-not-allowed', `${url.protocol} URLs are not accepted${how}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new RequestFault('url-not-allowed', 'URLs with credentials are not accepted');
  }
  // As in browsers, so that nobody can use us to talk to a mail server or the like.
  if (url.port !== '' && url.port !== '80' && url.port !== '443' && Number(url.port) < 1024) {
    throw new RequestFault('url-not-allowed', `Port ${url.port} is not accepted`);
  }
  // A socket does not call the lookup for a literal address. By now the URL parser has turned 2130706433,
  // 0x7f.1 and the like into four decimal parts.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !addresses.allows(host)) throw forbidden(host);
  // Names of this machine are refused like its address. Other names are checked when they resolve.
  if (/(^|\.)localhost\.?$/.test(host) && !own.some((address) => addresses.allows(address))) {
    throw forbidden(host);
  }
  return url;
}

const own = ['127.0.0.1', '::1'];
