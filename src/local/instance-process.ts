import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideAwslambda, type StreamHandler } from './awslambda.ts';
import { errorTypes, type FunctionErrorBody, maxResponseBytes } from './function-error.ts';
import type { InstanceMessage, InvokeMessage, PartMessage, ServiceMessage } from './instance-messages.ts';
import { PartStream } from './part-stream.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const env = process.env as Record<string, string>;

function send(message: InstanceMessage | PartMessage): void {
  process.send?.(message);
}

const streaming = new WeakSet<object>();
provideAwslambda((handler) => {
  streaming.add(handler);
  return handler;
});

/** The running handler's stream, if it has one. */
let stream: PartStream | undefined;

/** Loads the handler that `_HANDLER` names, as `path/to/module.export` under the task's root. */
async function loadHandler(): Promise<Handler> {
  const { _HANDLER: name = '', LAMBDA_TASK_ROOT: root = '' } = env;
  const dot = name.lastIndexOf('.');
  const base = join(root, name.slice(0, dot));
  const file = ['.ts', '.mts', '.js', '.mjs', '.cjs'].map((extension) => base + extension).find(existsSync);
  if (file === undefined) throw named(errorTypes.noModule, `Cannot find module '${base}'`);
  const module: Record<string, unknown> = await import(pathToFileURL(file).href);
  const handler = module[name.slice(dot + 1)];
  if (typeof handler !== 'function')
    throw named(errorTypes.noHandler, `${name} is undefined or not exported`);
  return handler as Handler;
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** Lambda's context object, with the parts that do not depend on the caller. */
function contextOf({ requestId, deadline }: InvokeMessage) {
  const name = env.AWS_LAMBDA_FUNCTION_NAME;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: `arn:aws:lambda:${env.AWS_REGION}:000000000000:function:${name}`,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function describe(error: unknown): FunctionErrorBody {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

async function run(handler: Handler, message: InvokeMessage): Promise<InstanceMessage> {
  try {
    if (streaming.has(handler)) return await runStreaming(handler as StreamHandler, message);
    const result = await handler(JSON.parse(message.payload), contextOf(message));
    const payload = JSON.stringify(result) ?? 'null';
    const bytes = Buffer.byteLength(payload);
    if (bytes <= maxResponseBytes) return { kind: 'result', payload };
    const errorMessage = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${maxResponseBytes} bytes).`;
    return { kind: 'failure', error: { errorType: errorTypes.responseTooLarge, errorMessage } };
  } catch (error) {
    const body = describe(error);
    console.error('Invoke Error', JSON.stringify(body));
    return { kind: 'failure', error: body };
  }
}

async function runStreaming(handler: StreamHandler, message: InvokeMessage): Promise<InstanceMessage> {
  stream = new PartStream(send);
  try {
    await handler(JSON.parse(message.payload), stream, contextOf(message));
    await stream.sent();
  } catch (error) {
    // A handler cannot prevent a caller from hanging up.
    if (!stream.hungUp) throw error;
  }
  return { kind: 'result', payload: 'null' };
}

// If the service is gone, even killed, no workers must remain.
process.on('disconnect', () => process.exit());
// A terminal's Ctrl+C reaches every process of its group, but the service decides when a worker stops.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

try {
  const handler = await loadHandler();
  process.on('message', (message: ServiceMessage) => {
    if (message.kind === 'invoke') run(handler, message).then(send);
    else if (message.kind === 'taken') stream?.taken();
    else stream?.hangUp();
  });
  send({ kind: 'ready' });
  // A signal ends an instance, which would lose its compiled code.
  flushCompileCache();
} catch (error) {
  const body = describe(error);
  console.error('Init Error', JSON.stringify(body));
  // The service ends this process: an exit could overtake the message.
  send({ kind: 'initFailed', error: body });
}
