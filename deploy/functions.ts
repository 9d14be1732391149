import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

/** The repository: serverless.yml and the handlers' paths are relative to it. */
export const root = resolve(import.meta.dirname, '..');

/** All build output is in here. */
export const buildDirectory = join(root, '.build');

/** A function, as the build and packaging see it. */
export interface LambdaFunction {
  name: string;
  /** Module without its extension, such as `handlers/create-products`. */
  module: string;
  /** It needs the image libraries and the model. */
  makesPictures: boolean;
}

/** The part of serverless.yml that lists the functions. */
export interface ServiceFile {
  functions: Record<string, { handler: string }>;
  custom: { pictures: string[] };
}

/**
 * Throws for a name under `custom.pictures` that matches no function: the function it means would be packed without
 * the libraries.
 */
export function functionsOf({ functions, custom }: ServiceFile): LambdaFunction[] {
  const unknown = custom.pictures.find((name) => functions[name] === undefined);
  if (unknown !== undefined) throw new Error(`custom.pictures: there is no function '${unknown}'`);
  return Object.entries(functions).map(([name, { handler }]) => ({
    name,
    module: handler.slice(0, handler.lastIndexOf('.')),
    makesPictures: custom.pictures.includes(name),
  }));
}

export function readFunctions(): LambdaFunction[] {
  return functionsOf(parse(readFileSync(join(root, 'serverless.yml'), 'utf8')));
}
