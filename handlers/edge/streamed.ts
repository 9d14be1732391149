import { Readable } from 'node:stream';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import type { Context } from 'aws-lambda';
import { type ApiEvent, type Caller, refusal } from './api.ts';
import { withDeadline } from './deadline.ts';
import { edgeErrors } from './edge-errors.ts';
import { keyOf, parseKeys, tenantOf } from './keys.ts';
import { logger, powertoolsMetrics } from './powertools.ts';
import { Problem, problemResponse } from './problem.ts';

/** A response whose body may be produced while it is sent. */
export interface StreamedResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string | Readable;
}

export type StreamHandler = (event: ApiEvent, context: Context, caller: Caller) => Promise<StreamedResponse>;

const keys = parseKeys(process.env.SPILLWAY_API_KEYS ?? '');

/**
 * Wraps the handler of a function URL with streamed answers, as `api` does for the HTTP API. A URL has no
 * authorizer, so the key is looked up here. Its events have the same format, without routes.
 */
export function streamed(handler: StreamHandler) {
  return middy<ApiEvent, StreamedResponse>({
    executionMode: executionModeStreamifyResponse,
    async requestEnd({ response }) {
      if (response?.body instanceof Readable) await closed(response.body);
      if (powertoolsMetrics.hasStoredMetrics()) powertoolsMetrics.publishStoredMetrics();
    },
  })
    .use(withDeadline)
    .use(injectLambdaContext(logger, { clearState: true }))
    .use({
      onError: (request) => {
        const response = problemResponse(request.error) as StreamedResponse;
        const level = response.statusCode < 500 ? 'info' : 'error';
        logger[level]('request refused', { status: response.statusCode, error: request.error ?? undefined });
        request.response = response;
      },
    })
    .handler((event, context) => {
      const tenant = tenantOf(keys, keyOf(event.headers) ?? '');
      if (tenant === undefined) throw refusal();
      return handler(event, context, { tenant });
    });
}

/**
 * A body made from `parts`. When it is over or the caller has gone, `gone` aborts. The body closes once `parts` has
 * ended, because `parts` may have something left to finish.
 */
export function bodyOf<Part>(
  parts: AsyncGenerator<Part>,
  gone: AbortController,
  tell: (parts: AsyncGenerator<Part>) => AsyncGenerator<string>,
): Readable {
  const chunks = tell(parts);
  const end = async () => {
    gone.abort();
    await chunks.return(undefined);
    // `tell` may not have started on `parts` yet.
    await parts.return(undefined);
  };
  return new Readable({
    read() {
      chunks.next().then(
        ({ done, value }) => {
          if (!this.destroyed) this.push(done ? null : value);
        },
        (error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      end().then(
        () => done(error),
        (failure) => done(error ?? failure),
      );
    },
  });
}

/** The invocation must not end before the body is closed: its remaining work would freeze with it. */
async function closed(body: Readable): Promise<void> {
  if (!body.closed) await new Promise((resolve) => body.once('close', resolve));
}

/** Longest silence of a stream, in milliseconds: proxies cut silent connections. */
export const heartbeatMs = 5_000;

export function streamHeaders(contentType: string): Record<string, string> {
  // A proxy that buffers would defeat the stream.
  return { 'content-type': contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
}

/**
 * A function URL has no routes, so its function checks the call itself. Returns the path's named groups, undecoded.
 * Throws 404 and 405.
 */
export function expectCall(event: ApiEvent, method: 'GET' | 'POST', path: RegExp): Record<string, string> {
  const found = path.exec(event.rawPath);
  if (!found) throw new Problem(edgeErrors.NOT_FOUND, `There is no path ${event.rawPath}`);
  const asked = event.requestContext.http.method;
  if (asked !== method && !(method === 'GET' && asked === 'HEAD')) {
    throw new Problem(edgeErrors.METHOD_NOT_ALLOWED, `This path accepts only ${method}`, {
      headers: { allow: method },
    });
  }
  return found.groups ?? {};
}
