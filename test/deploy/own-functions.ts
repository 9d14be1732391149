import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { readFunctions } from '../../deploy/functions.ts';
import type { EmptyCloud } from './cloud.ts';
import { startLambda } from './lambda.ts';

const modules = new Map(readFunctions().map(({ name, module }) => [name, resolve(`${module}.ts`)]));

/** Lets in whoever has the key `local`. */
const localKey = `local:${createHash('sha256').update('local').digest('hex')}`;

/**
 * The functions of serverless.yml on a cloud: each one process for as many events as there are, with exactly the
 * environment that the file gives it, and `more`.
 */
export function openFunctions(cloud: EmptyCloud, more: Record<string, string> = {}) {
  const lambdas = new Map<string, ReturnType<typeof startLambda>>();
  const start = (name: string) => {
    const env = { ...cloud.environmentOf(name), ...more };
    if (env.SPILLWAY_API_KEYS !== undefined) env.SPILLWAY_API_KEYS = localKey;
    const lambda = startLambda({ module: modules.get(name) ?? '', cwd: resolve('.'), env });
    lambdas.set(name, lambda);
    return lambda;
  };
  return {
    of: (name: string) => lambdas.get(name) ?? start(name),
    async stop(): Promise<void> {
      await Promise.all([...lambdas.values()].map((lambda) => lambda.stop()));
    },
  };
}

export type OwnFunctions = ReturnType<typeof openFunctions>;
