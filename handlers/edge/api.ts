import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import { toJson } from '../../src/core/json/text.ts';
import { withDeadline } from './deadline.ts';
import { edgeErrors } from './edge-errors.ts';
import { logger, powertoolsMetrics } from './powertools.ts';
import { Problem, problemResponse } from './problem.ts';

/** The authorizer's result. No tenant: the key is missing or wrong. */
export type ApiEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<{ tenant?: string }>;

export interface Caller {
  tenant: string;
}

export type ApiHandler = (
  event: ApiEvent,
  context: Context,
  caller: Caller,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Wraps the handler of an HTTP route: caller, logs, metrics, traces; turns every error into a problem document. */
export function api(handler: ApiHandler) {
  return middy<ApiEvent, APIGatewayProxyStructuredResultV2>()
    .use(withDeadline)
    .use(injectLambdaContext(logger, { clearState: true }))
    .use(logMetrics(powertoolsMetrics))
    .use({
      onError: (request) => {
        const response = problemResponse(request.error);
        const level = (response.statusCode ?? 500) < 500 ? 'info' : 'error';
        const jobId = request.event.pathParameters?.id;
        logger[level]('request refused', {
          status: response.statusCode,
          ...(jobId !== undefined && { jobId }),
          error: request.error ?? undefined,
        });
        request.response = response;
      },
    })
    .handler((event, context) => handler(event, context, callerOf(event)));
}

/**
 * The gateway's own refusals are not problem documents, so the authorizer lets every request pass and names the
 * tenant; the refusal happens here.
 */
function callerOf(event: ApiEvent): Caller {
  const tenant = event.requestContext.authorizer?.lambda?.tenant;
  if (tenant) return { tenant };
  throw refusal();
}

/** The answer to a caller without a valid key. */
export function refusal(): Problem {
  const message = "Send a valid key as 'Authorization: Bearer <key>' or 'x-api-key: <key>'";
  return new Problem(edgeErrors.UNAUTHORIZED, message, { headers: { 'www-authenticate': 'Bearer' } });
}

export function json(statusCode: number, body: unknown, headers: Record<string, string> = {}) {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: toJson(body),
  };
}
