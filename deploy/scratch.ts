import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDirectory } from './functions.ts';

/** A directory for one build: builds at the same time must not meet. Disposing of it removes it. */
export interface Scratch extends Disposable {
  path: string;
}

/** Within the repository, so that what is built finds `node_modules`. Also removes what killed processes have left. */
export function openScratch(): Scratch {
  mkdirSync(buildDirectory, { recursive: true });
  for (const name of readdirSync(buildDirectory)) {
    const owner = /^scratch-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) remove(join(buildDirectory, name));
  }
  const path = mkdtempSync(join(buildDirectory, `scratch-${process.pid}-`));
  return { path, [Symbol.dispose]: () => remove(path) };
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
