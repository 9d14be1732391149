import type { HttpRoute } from './config-model.ts';

/** The result of matching a request. */
export type Match =
  | { kind: 'found'; route: HttpRoute; pathParameters: Record<string, string> }
  /** The path exists, with other methods. */
  | { kind: 'otherMethods'; allow: string[] }
  | { kind: 'notFound' };

interface CompiledRoute {
  route: HttpRoute;
  pattern: RegExp;
  /** Compares by the route's precedence: a lower rank is more specific. */
  rank: string;
}

/**
 * Finds the route of a request as an HTTP API does: literal segments take precedence over `{name}`, that over
 * `{name+}`, and a method over `ANY`. `HEAD` is a method like any other, except that a function URL, which has no
 * routes, passes it on. A route for one answer type takes precedence over one for any, and matches only requests that
 * name the type. Throws `URIError` for a path that cannot be decoded.
 */
export function routeMatcher(
  routes: readonly HttpRoute[],
): (method: string, path: string, accept?: string) => Match {
  const compiled = routes.map(compile).sort((one, other) => one.rank.localeCompare(other.rank));
  return (method, path, accept = '') => {
    const allow: string[] = [];
    for (const { route, pattern } of compiled) {
      const groups = pattern.exec(path);
      if (groups === null) continue;
      if (!answers(route, method)) {
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

function answers(route: HttpRoute, method: string): boolean {
  if (method === 'HEAD' && route.streamed) return route.method === 'GET' || route.method === 'ANY';
  return route.method === method || route.method === 'ANY';
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

/** Whether an `Accept` header names a media type explicitly. */
function names(accept: string, type: string): boolean {
  return accept.split(',').some((range) => range.split(';')[0]?.trim().toLowerCase() === type);
}

function decoded(groups: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}
