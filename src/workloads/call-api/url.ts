/** `sandbox://plain/items`: one of the project's stand-ins, on one machine. */
export const standInProtocol = 'sandbox:';

/** The URLs that a workload takes. */
export interface UrlRules {
  /** Whether `http:` is allowed: for local use. */
  allowHttp: boolean;
  /** Names of the stand-ins that it may call. */
  standIns: readonly string[];
  /** Default: placeholders may stand after the host. */
  fixed?: boolean;
}

/** Why a URL is not taken; undefined if it is. */
export function urlProblem(text: string, { allowHttp, standIns, fixed }: UrlRules): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'is not a URL';
  if (url.protocol === standInProtocol) {
    if (standIns.includes(url.host)) return undefined;
    const known = standIns.map((name) => `${standInProtocol}//${name}/`);
    return `must begin with ${[...known, 'https://'].join(' or ')}`;
  }
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) {
    return allowHttp
      ? 'must begin with https:// or http://'
      : 'must begin with https:// (on one machine, SPILLWAY_ALLOW_HTTP=true allows http://)';
  }
  if (url.username !== '' || url.password !== '') return 'must not contain credentials: use a header';
  if (fixed && (text.includes('{{') || text.includes('${'))) return 'must not contain placeholders';
  return undefined;
}
