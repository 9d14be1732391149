import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HttpRoute } from './config-model.ts';
import { localAccountId } from './config-resources.ts';

/** A complete HTTP request, with the route that answers it. */
export interface ApiRequest {
  incoming: IncomingMessage;
  body: Buffer;
  route: HttpRoute;
  pathParameters: Record<string, string>;
  /** Epoch milliseconds. */
  arrivedAt: number;
  region: string;
}

type Texts = Record<string, string>;

/** An event of an HTTP API, payload format 2.0. Absent parts have no key, as in real events. */
export interface HttpApiEvent {
  version: '2.0';
  routeKey: string;
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  headers: Texts;
  queryStringParameters?: Texts;
  pathParameters?: Texts;
  requestContext: {
    accountId: string;
    apiId: string;
    authorizer?: { lambda: unknown };
    domainName: string;
    domainPrefix: string;
    http: { method: string; path: string; protocol: string; sourceIp: string; userAgent: string };
    requestId: string;
    routeKey: string;
    stage: '$default';
    time: string;
    timeEpoch: number;
  };
  body?: string;
  isBase64Encoded: boolean;
}

/** An authorizer's input, payload format 2.0. */
export interface AuthorizerEvent extends Omit<HttpApiEvent, 'body' | 'isBase64Encoded'> {
  type: 'REQUEST';
  routeArn: string;
  identitySource: string[];
}

/** The path of a request, as sent, and its query. */
export function splitTarget(target: string): { path: string; query: string } {
  const [path = '/', ...query] = target.split('?');
  return { path, query: query.join('?') };
}

export function httpApiEvent({ incoming, body, route, pathParameters, arrivedAt }: ApiRequest): HttpApiEvent {
  const { path, query } = splitTarget(incoming.url ?? '/');
  const { cookie, ...headers } = joinedHeaders(incoming);
  const routeKey = `${route.method} ${route.path}`;
  const method = incoming.method ?? 'GET';
  const domainName = (headers.host ?? 'localhost').replace(/:\d+$/, '');
  const parameters = queryParameters(query);
  const isBase64Encoded = body.length > 0 && !isText(headers, body);
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/; ?|, ?/) }),
    headers,
    ...(parameters !== undefined && { queryStringParameters: parameters }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: localAccountId,
      apiId: 'local',
      domainName,
      domainPrefix: domainName.split('.')[0] ?? domainName,
      http: {
        method,
        path,
        protocol: `HTTP/${incoming.httpVersion}`,
        sourceIp: incoming.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: commonLogTime(arrivedAt),
      timeEpoch: arrivedAt,
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

/** The event for an authorizer, or undefined if the request lacks a required identity. */
export function authorizerEvent(
  { body: _, isBase64Encoded: __, ...event }: HttpApiEvent,
  { route, region }: ApiRequest,
): AuthorizerEvent | undefined {
  const sources = route.authorizer?.identitySource ?? [];
  const identitySource = sources.map((source) => {
    const [, kind, name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
    return kind === 'header' ? event.headers[name.toLowerCase()] : event.queryStringParameters?.[name];
  });
  if (!identitySource.every((value) => value !== undefined && value !== '')) return undefined;
  return {
    ...event,
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:${region}:${localAccountId}:local/$default/${event.requestContext.http.method}${event.rawPath}`,
    identitySource: identitySource.filter((value) => value !== undefined),
  };
}

/**
 * Names in lower case; several headers with one name are joined by commas. The gateway adds its forwarding
 * headers.
 */
function joinedHeaders(incoming: IncomingMessage): Texts {
  const headers: Texts = {};
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (values !== undefined) headers[name] = values.join(',');
  }
  const forwarded = [headers['x-forwarded-for'], incoming.socket.remoteAddress].filter(
    (part) => part !== undefined,
  );
  headers['x-forwarded-for'] = forwarded.join(', ');
  headers['x-forwarded-port'] ??= String(incoming.socket.localPort ?? '');
  headers['x-forwarded-proto'] ??= 'http';
  return headers;
}

function queryParameters(query: string): Texts | undefined {
  if (query === '') return undefined;
  const parameters: Texts = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]},${value}`;
  }
  return parameters;
}

/** Types that an HTTP API passes on as text. A body without a type, or a compressed one, is judged by its content. */
function isText(headers: Texts, body: Buffer): boolean {
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') return false;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined) return Buffer.from(body.toString('utf8')).equals(body);
  return /^(text\/.*|application\/(json|xml|javascript|.*\+(json|xml)))$/.test(type);
}

/** Such as `12/Mar/2026:19:03:58 +0000`. */
function commonLogTime(time: number): string {
  const [, day, month, year, clock] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date(time).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}
