import type { HttpRoute } from './config-model.ts';

/** What the routes say about a request. */
export type Match =
  | { kind: 'found'; route: HttpRoute; pathParameters: Record<string, string> }
  /** The path exists, with other methods. */
  | { kind: 'otherMethods'; allow: string[] }
  | { kind: 'notFound' };

interface CompiledRoute {
  route: HttpRoute;
  pattern: RegExp;
  /** Compares as the route's precedence: a lower one is more specific. */
  rank: string;
}

/**
 * Finds the route of a request as an HTTP API does: literal segments come before `{name}`, that before `{name+}`, and a
 * method before `ANY`. A `HEAD` is answered by the route of `GET`. A route for one type of answer comes before that for
 * any, and is for those who ask for that type by name. Throws `URIError` for a path that cannot be decoded.
 */
export function routeMatcher(
  routes: readonly HttpRoute[],
): (method: string, path: string, accept?: string) => Match {
  const compiled = routes.map(compile).sort((one, other) => one.rank.localeCompare(other.rank));
  return (method, path, accept = '') => {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allow: string[] = [];
    for (const { route, pattern } of compiled) {
      const groups = pattern.exec(path);
      if (groups === null) continue;
      if (route.method !== wanted && route.method !== 'ANY') {
        allow.push(route.method);
        continue;
      }
      if (route.accept !== undefined && !names(accept, route.accept)) continue;
      return { kind: 'found', route, pathParameters: decoded(groups.groups) };
    }
    return allow.length === 0
      ? { kind: 'notFound' }
      : { kind: 'otherMethods', allow: [...new Set(allow)].sort() };
  };
}

function compile(route: HttpRoute): CompiledRoute {
  const segments = route.path.split('/').map((segment) => {
    const [, name, greedy] = /^\{([\w.-]+)(\+)?\}$/.exec(segment) ?? [];
    if (name === undefined) return { rank: '0', source: segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') };
    return greedy === undefined
      ? { rank: '1', source: `(?<${name}>[^/]+)` }
      : { rank: '2', source: `(?<${name}>.+)` };
  });
  return {
    route,
    pattern: new RegExp(`^${segments.map(({ source }) => source).join('/')}$`),
    rank:
      segments.map(({ rank }) => rank).join('') +
      (route.method === 'ANY' ? '1' : '0') +
      (route.accept === undefined ? '1' : '0'),
  };
}

/** Whether an `Accept` header names a media type, by itself. */
function names(accept: string, type: string): boolean {
  return accept.split(',').some((range) => range.split(';')[0]?.trim().toLowerCase() === type);
}

function decoded(groups: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}
