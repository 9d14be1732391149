import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { workloadsToLookAt } from '../src/workloads/describe.ts';
import { openapiDocument } from './openapi/document.ts';

const body = JSON.stringify(openapiDocument(workloadsToLookAt()));
const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
const headers = { etag, 'cache-control': 'public, max-age=300' };

/** GET /openapi.json: the interface, for clients and their generators. Changes only with a deployment. */
export const handler = async (event: Pick<APIGatewayProxyEventV2, 'headers'>) =>
  event.headers['if-none-match']?.includes(etag)
    ? { statusCode: 304, headers }
    : { statusCode: 200, headers: { 'content-type': 'application/json', ...headers }, body };
