import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { collected, provideAwslambda } from '../src/local/awslambda.ts';
import { buildFunction } from './build.ts';
import { functionsOf } from './functions.ts';
import type { LocalCloudReady } from './local-cloud.ts';
import type { Hooks, Options, Serverless } from './osls.ts';
import { openScratch } from './scratch.ts';
import { prepareEvent } from './stored-events.ts';

/** Milliseconds that the embedded cloud gets to end before it is killed; it gives its workers ten seconds. */
const stopLimit = 20_000;

/**
 * `osls invoke local` runs a function's bundle on the embedded cloud. The cloud starts for it, with sample photos,
 * and stops afterwards.
 */
export function invokeLocalHooks(serverless: Serverless, options: Options): Hooks {
  const open = new AsyncDisposableStack();
  const close = () => open.disposeAsync();
  return {
    // This early, because osls would ask AWS to resolve each `Ref` in the environment.
    initialize: async () => {
      if (serverless.processedInput.commands.join(' ') !== 'invoke local') return;
      const { service, serviceDir } = serverless;
      const fn = functionsOf(service).find(({ name }) => name === options.function);
      const definition = service.functions[options.function ?? ''];
      if (!fn || !definition) return; // osls has words for that.
      const bundle = open.use(openScratch());
      const child = fork(join(import.meta.dirname, 'local-cloud.ts'), [fn.name], {
        // The standard output is for the function's result alone.
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        execArgv: [],
      });
      open.defer(() => end(child));
      const [{ cloud, own }] = await Promise.all([ready(child), buildFunction(fn, bundle.path)]);
      useCloud(cloud);
      provideAwslambda(collected);
      service.provider.environment = {};
      definition.environment = own;
      options.extraServicePath = relative(serviceDir, bundle.path);
      // The extension is needed because osls loads handlers with `require`, which would not find an `.mjs` without
      // it.
      definition.handler = definition.handler.replace(/\.(?=\w+$)/, '.mjs.');
    },
    'before:invoke:local:invoke': () => prepareEvent(options.data),
    'after:invoke:local:invoke': close,
    error: close,
  };
}

async function ready(child: ChildProcess): Promise<LocalCloudReady> {
  const failed = once(child, 'exit').then(([code]): never => {
    throw new Error(`The embedded cloud did not start (exit code ${code}); the reason is above`);
  });
  const [message] = await Promise.race([once(child, 'message'), failed]);
  return message as LocalCloudReady;
}

/** The child stops when its channel closes, so it also stops if this process is killed. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopLimit);
  child.disconnect();
  await exited;
  clearTimeout(timer);
}

/**
 * Points the function at the embedded cloud. A user's profile would take precedence over the cloud's credentials.
 */
function useCloud(environment: Record<string, string>): void {
  if (environment.AWS_ACCESS_KEY_ID !== undefined) {
    for (const name of ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[name];
  }
  Object.assign(process.env, environment);
}
