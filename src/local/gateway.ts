import type { IncomingMessage, Server } from 'node:http';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import * as z from 'zod';
import type { Config } from './config-model.ts';
import { errorTypes, FunctionError } from './function-error.ts';
import { type GracefulServer, serveGracefully } from './graceful-server.ts';
import { type ApiRequest, authorizerEvent, httpApiEvent, splitTarget } from './http-event.ts';
import { httpResponse } from './http-response.ts';
import { gatewayErrors } from './local-errors.ts';
import { filesPath, servedFile } from './local-files.ts';
import type { InvokeOptions } from './pool.ts';
import { problem } from './problem.ts';
import { routeMatcher } from './routes.ts';
import { type Streamed, streamResponse } from './streamed-response.ts';

export interface GatewayOptions {
  config: Config;
  /** Directory of the finished files that it serves, if they are not in the store. */
  files?: string;
  invoke(functionName: string, event: unknown, options: InvokeOptions): Promise<unknown>;
}

/** Maximum bytes of a request's body. Source: Amazon API Gateway quotas, HTTP API, payload size: 10 MB. */
const maxBodyBytes = 10 * 2 ** 20;

/** How long before the limit the gateway answers that it was not met, in milliseconds: that answer also takes time. */
const answerReserve = 100;

const decisionSchema = z.object({
  isAuthorized: z.boolean(),
  context: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * An HTTP API: turns requests into events, asks the authorizer, runs the function, and answers in time,
 * whether or not the function does. The limit counts from the arrival of the request, so it includes waiting
 * for an instance. A streamed answer must begin in time; its end is up to the function and its timeout.
 */
export function createGateway({ config, files, invoke }: GatewayOptions): GracefulServer {
  const match = routeMatcher(config.routes);
  const streams = new Set<Streamed>();
  const app = new Hono<{ Bindings: HttpBindings }>();
  if (config.cors) app.use(cors({ origin: '*', exposeHeaders: ['*'], maxAge: 3600 }));

  if (files !== undefined) {
    app.get(`${filesPath}*`, ({ req }) => {
      return servedFile(files, req.path) ?? problem(gatewayErrors.NOT_FOUND, `There is no path ${req.path}.`);
    });
  }
  app.all('*', async ({ env: { incoming } }) => {
    const arrivedAt = Date.now();
    const gone = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<Response>((resolve) => {
      timer = setTimeout(
        () => {
          gone.abort();
          resolve(
            problem(
              gatewayErrors.SERVICE_UNAVAILABLE,
              `There was no answer within ${config.apiTimeoutSeconds} s.`,
            ),
          );
        },
        config.apiTimeoutSeconds * 1000 - answerReserve,
      );
    });
    try {
      const response = await Promise.race([limit, answer(incoming, arrivedAt, gone.signal)]);
      if (incoming.method !== 'HEAD') return response;
      await response.body?.cancel();
      return new Response(null, response);
    } finally {
      clearTimeout(timer);
    }
  });

  async function answer(
    incoming: IncomingMessage,
    arrivedAt: number,
    signal: AbortSignal,
  ): Promise<Response> {
    try {
      const { path } = splitTarget(incoming.url ?? '/');
      const found = match(incoming.method ?? 'GET', path, incoming.headers.accept);
      const body = await readBody(incoming);
      if (found.kind === 'notFound')
        return problem(gatewayErrors.NOT_FOUND, `There is no path ${incoming.url}.`);
      if (found.kind === 'otherMethods') {
        const allow = found.allow.join(', ');
        return problem(gatewayErrors.METHOD_NOT_ALLOWED, `This path accepts only ${allow}.`, { allow });
      }
      if (body === undefined)
        return problem(gatewayErrors.PAYLOAD_TOO_LARGE, 'A body may have at most 10 MB.');
      return await run({ ...found, incoming, body, arrivedAt, region: config.region }, signal);
    } catch (error) {
      // Nobody is listening any more: the limit has already answered, or the client is gone.
      const unheard = signal.aborted || incoming.errored !== null;
      return failure(error, unheard);
    }
  }

  async function run(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    const { route } = request;
    const event = httpApiEvent(request);
    if (route.authorizer !== undefined) {
      const question = authorizerEvent(event, request);
      if (question === undefined) return problem(gatewayErrors.UNAUTHORIZED, 'The request has no key.');
      const decision = decisionSchema.parse(
        await invoke(route.authorizer.functionName, question, { signal }),
      );
      if (!decision.isAuthorized)
        return problem(gatewayErrors.FORBIDDEN, 'The key does not permit this request.');
      event.requestContext.authorizer = { lambda: decision.context ?? {} };
    }
    if (!route.streamed) return httpResponse(await invoke(route.functionName, event, { signal }));
    const stream = streamResponse(
      (sink) => invoke(route.functionName, event, { signal, sink }),
      () => request.incoming.socket.destroy(),
    );
    streams.add(stream);
    stream.ended.then(() => streams.delete(stream));
    return stream.response;
  }

  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const graceful = serveGracefully(server, (config.apiTimeoutSeconds + 1) * 1000);
  return {
    listen: graceful.listen,
    // A client that follows a stream reconnects after a restart; a function that works while it streams
    // finishes.
    close: async () => {
      for (const stream of streams) stream.stop();
      await graceful.close();
      await Promise.all([...streams].map(({ ended }) => ended));
    },
  };
}

/** The answer to an internal failure. It hides the cause from the caller, but distinguishes the kinds. */
function failure(error: unknown, unheard: boolean): Response {
  if (error instanceof URIError) return problem(gatewayErrors.BAD_PATH, 'The path is not properly encoded.');
  if (error instanceof FunctionError && error.body.errorType === errorTypes.requestTooLarge) {
    return problem(
      gatewayErrors.PAYLOAD_TOO_LARGE,
      'The request is larger than a function may receive (6 MB).',
    );
  }
  if (error instanceof FunctionError && error.body.errorType === errorTypes.stopped) {
    return problem(gatewayErrors.SERVICE_UNAVAILABLE, 'The service is stopping.');
  }
  // A function's own error is already in its log.
  if (!unheard && !(error instanceof FunctionError)) console.error(error);
  return problem(gatewayErrors.FUNCTION_FAILED, 'The function that answers this request failed.');
}

/**
 * The whole body, or undefined if it is too large. A body that is too large is still read to its end and
 * discarded: a client that is cut off in the middle of a request sees a broken connection instead of the
 * answer.
 */
function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBodyBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    incoming.once('end', () => resolve(length <= maxBodyBytes ? Buffer.concat(chunks) : undefined));
    incoming.once('error', reject);
  });
}
