// As little of Lambda as a handler needs: loads the module that is named, then answers one event after the other.
// Also tells which calls to AWS the handler makes.
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { collected, provideAwslambda } from '../../src/local/awslambda.ts';

/** A call to AWS, by what the wire shows of it. */
export interface WireCall {
  method: string;
  path: string;
  /** Operation of a JSON protocol, as `DynamoDB_20120810.Query`. */
  target?: string;
}

export type RuntimeMessage = { result: unknown } | { error: string } | { call: WireCall };

const send = (message: RuntimeMessage) => process.send?.(message);

subscribe('http.client.request.start', (message) => {
  const { request } = message as { request: ClientRequest };
  const target = request.getHeader('x-amz-target');
  send({ call: { method: request.method, path: request.path, ...(target && { target: String(target) }) } });
});

provideAwslambda(collected);
const { handler } = await import(pathToFileURL(process.argv[2] ?? '').href);
// Now, since this process will be killed.
flushCompileCache();

process.on('message', async (event) => {
  const endsAt = Date.now() + 60_000;
  const context = {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
    memoryLimitInMB: '3008',
    awsRequestId: 'test',
    getRemainingTimeInMillis: () => endsAt - Date.now(),
  };
  try {
    send({ result: (await handler(event, context)) ?? null });
  } catch (error) {
    send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
