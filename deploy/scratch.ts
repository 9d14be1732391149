import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDirectory } from './functions.ts';

/** A directory for one build, so that concurrent builds do not collide. Disposing of it removes it. */
export interface Scratch extends Disposable {
  path: string;
}

/**
 * Within the repository, so that builds find `node_modules`. Also removes directories that killed processes left
 * behind.
 */
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
    // The process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
