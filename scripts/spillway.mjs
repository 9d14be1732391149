#!/usr/bin/env node
// The `spillway` command, on the Node version that this project pins. Paths in its arguments are those of the caller's directory.
import { readFileSync } from 'node:fs';

const { env, ppid } = process;
// `npm run` goes to the project's directory and tells where it was called.
const calledByNpm = env.npm_lifecycle_event === 'spillway';
env.SPILLWAY_CALLED_IN = (calledByNpm && env.INIT_CWD) || process.cwd();

// Who kills npm or npx, which are in between, means this command, which ends when this process does.
if (env.npm_command === 'run-script' || env.npm_command === 'exec') {
  const npm = npmAbove();
  setInterval(() => npmAbove() !== npm && process.exit(1), 250).unref();
}

/** The process that npm is. Some shells, which npm starts commands by, stay in between; Linux tells. */
function npmAbove() {
  if (process.ppid !== ppid) return undefined;
  try {
    const [, name, parent] = /\((.*)\) \w (\d+) /s.exec(readFileSync(`/proc/${ppid}/stat`, 'utf8')) ?? [];
    return name?.endsWith('sh') ? Number(parent) : ppid;
  } catch {
    return ppid;
  }
}

process.argv.splice(2, 0, 'node', 'src/cli/main.ts');
await import(new URL('with-setup.mjs', import.meta.url).href);
