// Who kills npm or npx, or sends them a signal, means the command that they run, but not all of them pass it on.
import { readFileSync } from 'node:fs';

const { env, ppid } = process;
const lookEvery = 250;

/** Calls back once when npm, which runs this process, has ended. Never if npm does not run it. */
export function whenNpmEnds(callBack) {
  if (env.npm_command === undefined) return;
  const npm = npmAbove();
  const looking = setInterval(() => {
    if (npmAbove() === npm) return;
    clearInterval(looking);
    callBack();
  }, lookEvery);
  looking.unref();
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
