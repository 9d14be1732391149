#!/usr/bin/env node
// The `spillway` command, on the Node version that this project pins. Paths in its arguments are those of the caller's directory.
import module from 'node:module';
import { compileCache, isInstalled, isPinnedNode, root } from './installed.mjs';
import { whenNpmEnds } from './npm-above.mjs';

const { env } = process;
// `npm run` goes to the project's directory and tells where it was called.
const calledByNpm = env.npm_lifecycle_event === 'spillway';
const calledIn = (calledByNpm && env.INIT_CWD) || process.cwd();

if (isPinnedNode() && isInstalled()) {
  // No other process is needed, nor wanted: each takes as long to start as a short command to run.
  whenNpmEnds(() => process.exit(1));
  module.enableCompileCache(env.NODE_COMPILE_CACHE ?? compileCache);
  process.chdir(calledIn);
  await import(new URL('src/cli/main.ts', `file://${root}/`).href);
} else {
  env.SPILLWAY_CALLED_IN = calledIn;
  process.argv.splice(2, 0, 'node', 'src/cli/main.ts');
  await import(new URL('with-setup.mjs', import.meta.url).href);
}
