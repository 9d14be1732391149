import { readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { FunctionError } from '../../src/local/function-error.ts';
import type { Service } from '../../src/local/service.ts';
import type { Behaviour } from './fixtures/handlers/behave.ts';
import { eventually, isAlive, startFixture, temporaryDirectory } from './harness.ts';

interface Told {
  pid: number;
  calls: number;
  running: number;
  before: number;
  after: number;
}

let service: Service;
let dataDir: string;

beforeAll(async () => {
  let clean = () => {};
  dataDir = temporaryDirectory((action) => {
    clean = action;
  });
  const preloaded = join(dataDir, 'preload.mjs');
  writeFileSync(preloaded, "process.env.PRELOADED = 'yes';");
  ({ service } = await startFixture(dataDir, {
    workers: 2,
    env: { EXTRA: 'more' },
    nodeOptions: ['--import', pathToFileURL(preloaded).href],
  }));
  return async () => {
    await service.stop();
    clean();
  };
});

const behave = (behaviour: Behaviour) => service.invoke('behave', behaviour);

/** The error that an invocation ended with, as Lambda would return it. */
async function errorOf(invocation: Promise<unknown>) {
  const error = await invocation.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FunctionError)) throw new Error(`not a FunctionError: ${String(error)}`);
  return error.body;
}

describe('an instance', () => {
  it('has the environment and context of Lambda', async () => {
    const { env, context, event, remaining } = (await service.invoke('echo', { a: [1, null] })) as {
      env: Record<string, string>;
      context: Record<string, unknown>;
      event: unknown;
      remaining: number;
    };
    expect(event).toEqual({ a: [1, null] });
    expect(env).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: 'fixture-test-echo',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_S3: service.endpoints.s3,
      _HANDLER: 'handlers/echo.handler',
      TZ: 'UTC',
      BUCKET: 'fixture-test-bucket',
      TABLE: 'fixture-test-table',
      QUEUE_URL: service.queueUrl('WorkQueue'),
      QUEUE_ARN: 'arn:aws:sqs:eu-central-1:000000000000:work',
      GREETING: 'hello fixture',
      EXTRA: 'more',
      PRELOADED: 'yes',
    });
    expect(context).toMatchObject({
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionName: 'fixture-test-echo',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:fixture-test-echo',
      logGroupName: '/aws/lambda/fixture-test-echo',
    });
    expect(remaining).toBeGreaterThan(4_500);
    expect(remaining).toBeLessThanOrEqual(5_000);
  });

  it('is not given the environment of the service', async () => {
    const { env } = (await service.invoke('echo', {})) as { env: Record<string, string> };
    expect(Object.keys(env).filter((key) => key.startsWith('VITEST') || key.startsWith('npm_'))).toEqual([]);
  });

  it('is used again, and sees its remaining time run down anew', async () => {
    const first = (await behave({ do: 'tell', ms: 200 })) as Told;
    const second = (await behave({ do: 'tell' })) as Told;
    expect(second.pid).toBe(first.pid);
    expect(second.calls).toBe(first.calls + 1);
    expect(first.before - first.after).toBeGreaterThanOrEqual(195);
    expect(second.before).toBeGreaterThan(first.after);
  });

  it('runs one request at a time; at the limit the others wait', async () => {
    const told = (await Promise.all([1, 2, 3].map(() => behave({ do: 'tell', ms: 50 })))) as Told[];
    expect(told.map(({ running }) => running)).toEqual([1, 1, 1]);
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(1);
  });

  it('is joined by others where the limit allows', async () => {
    const slow = () => service.invoke('slow', { do: 'tell', ms: 300 }) as Promise<Told>;
    const told = await Promise.all([slow(), slow(), slow()]);
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(3);
    expect(service.pids('slow').sort()).toEqual(told.map(({ pid }) => pid).sort());
  });

  it('reports what the handler threw', async () => {
    expect(await errorOf(behave({ do: 'throw' }))).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'out of bounds',
      trace: expect.arrayContaining([expect.stringContaining('behave.ts')]),
    });
  });

  it.each(['sleep', 'spin'] as const)('is killed at the timeout of its function (%s)', async (what) => {
    const { pid } = (await behave({ do: 'tell' })) as Told;
    const startedAt = Date.now();
    expect(await errorOf(behave({ do: what, ms: 60_000 }))).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: .* Error: Task timed out after 1.00 seconds$/),
    });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    await eventually('the process to end', () => !isAlive(pid));
    expect(await behave({ do: 'tell' })).toMatchObject({ calls: 1 });
  });

  it('that dies fails its own request only', async () => {
    const dying = errorOf(behave({ do: 'exit' }));
    const next = behave({ do: 'tell' });
    expect(await dying).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('exit status 7'),
    });
    expect(await next).toMatchObject({ calls: 1 });
  });

  it('that is killed from outside fails its request, and is replaced', async () => {
    const killed = errorOf(service.invoke('slow', { do: 'tell', ms: 10_000 }));
    await eventually('an instance', () => service.pids('slow').length > 0);
    for (const pid of service.pids('slow')) process.kill(pid, 'SIGKILL');
    expect(await killed).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: killed'),
    });
    await eventually('the dead to be forgotten', () => service.pids('slow').length === 0);
    expect(await service.invoke('slow', { do: 'tell' })).toMatchObject({ calls: 1 });
  });

  it('dies of what nobody catches', async () => {
    const error = await errorOf(behave({ do: 'leak', ms: 500 }));
    expect(error.errorType).toBe('Runtime.ExitError');
  });

  it('takes no notice of Ctrl+C, which is for the service', async () => {
    const { pid } = (await behave({ do: 'tell' })) as Told;
    process.kill(pid, 'SIGINT');
    expect(await behave({ do: 'tell' })).toMatchObject({ pid });
  });

  it('says why its module cannot be loaded, each time anew', async () => {
    const error = { errorType: 'Error', errorMessage: 'cannot be loaded' };
    expect(await errorOf(service.invoke('broken', {}))).toMatchObject(error);
    expect(await errorOf(service.invoke('broken', {}))).toMatchObject(error);
  });

  it('neither receives nor returns more than 6 MB', async () => {
    const large = 'x'.repeat(6 * 2 ** 20);
    expect(await errorOf(service.invoke('echo', large))).toMatchObject({
      errorType: 'RequestEntityTooLargeException',
    });
    expect(await errorOf(behave({ do: 'return-large' }))).toMatchObject({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: expect.stringContaining('exceeded maximum allowed payload size (6291556 bytes)'),
    });
    const returned = 'x'.repeat(6 * 2 ** 20 - 100);
    expect(await service.invoke('slow', { do: 'return', value: returned })).toBe(returned);
  });

  it('yields to those that answer callers, if nobody waits for it', async () => {
    await service.invoke('consume', { Records: [] });
    await behave({ do: 'tell' });
    expect(service.pids('consume').map((pid) => getPriority(pid))).toEqual([10]);
    expect(service.pids('behave').map((pid) => getPriority(pid))).toEqual([0]);
  });

  it('logs to a file of its function', async () => {
    await errorOf(behave({ do: 'throw' }));
    const log = () => readFileSync(join(dataDir, 'logs/behave.log'), 'utf8');
    await eventually('the report', () => /REPORT .*Error: RangeError/.test(log()));
    expect(log()).toContain('"errorMessage":"out of bounds"');
  });
});

it('knows no function that the file does not name', async () => {
  await expect(service.invoke('nobody', {})).rejects.toThrow("no function 'nobody'");
});
