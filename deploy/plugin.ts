import { join } from 'node:path';
import { functionsOf } from './functions.ts';
import { invokeLocalHooks } from './invoke-local.ts';
import type { Architecture } from './natives.ts';
import type { Hooks, Options, PluginUtilities, Serverless } from './osls.ts';
import { packageFunction } from './package.ts';
import { inMegabytes } from './sizes.ts';

/**
 * Teaches osls to build and pack the functions for `package`, `deploy` and `deploy function`, and to run them on the
 * embedded cloud for `invoke local`.
 */
export default class SpillwayPlugin {
  readonly hooks: Hooks;

  constructor(serverless: Serverless, options: Options, { log }: PluginUtilities) {
    const pack = (isWanted: (name: string) => boolean) =>
      packFunctions(serverless, isWanted, (line) => log.notice(line));
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => pack(() => true),
      'before:package:function:package': () => pack((name) => name === options.function),
      ...invokeLocalHooks(serverless, options),
    };
  }
}

/** Puts finished zips where osls would put its own, and registers them with osls. */
async function packFunctions(
  { service, serviceDir }: Serverless,
  isWanted: (name: string) => boolean,
  report: (line: string) => void,
): Promise<void> {
  const architecture = architectureOf(service.provider.architecture);
  const wanted = functionsOf(service).filter(({ name }) => isWanted(name));
  await Promise.all(
    wanted.map(async (fn) => {
      const archive = await packageFunction(fn, architecture, join(serviceDir, '.serverless'));
      const definition = service.functions[fn.name];
      if (definition) definition.package = { ...definition.package, artifact: archive.path };
      report(
        `${fn.name}: ${inWords(archive.zippedBytes)} zipped, ${inWords(archive.unzippedBytes)} unzipped, ${architecture}`,
      );
    }),
  );
}

function architectureOf(value = 'x86_64'): Architecture {
  if (value === 'arm64' || value === 'x86_64') return value;
  throw new Error(`provider.architecture must be 'arm64' or 'x86_64'; got '${value}'`);
}

function inWords(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 2 ** 10)} KB` : inMegabytes(bytes);
}
