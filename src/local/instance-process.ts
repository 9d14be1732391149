import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorTypes, type FunctionErrorBody, maxResponseBytes } from './function-error.ts';
import type { InstanceMessage, InvokeMessage } from './instance-messages.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const env = process.env as Record<string, string>;

function send(message: InstanceMessage): void {
  process.send?.(message);
}

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

// A service that is gone, even killed, must leave no workers behind.
process.on('disconnect', () => process.exit());
// A terminal's Ctrl+C reaches every process of its group, but it is the service that decides when a worker may stop.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

try {
  const handler = await loadHandler();
  process.on('message', (message: InvokeMessage) => {
    run(handler, message).then(send);
  });
  send({ kind: 'ready' });
  // An instance is ended by a signal, which would lose what it has compiled.
  flushCompileCache();
} catch (error) {
  const body = describe(error);
  console.error('Init Error', JSON.stringify(body));
  // It is for the service to end this process: an exit might overtake the message.
  send({ kind: 'initFailed', error: body });
}
