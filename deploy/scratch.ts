import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDirectory } from './functions.ts';

/** A directory for one build: builds at the same time must not meet. Disposing of it removes it. */
export interface Scratch extends Disposable {
  path: string;
}

/** Within the repository, so that what is built finds `node_modules`. It is gone, too, when this process is interrupted. */
export function openScratch(): Scratch {
  mkdirSync(buildDirectory, { recursive: true });
  const path = mkdtempSync(join(buildDirectory, 'scratch-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return {
    path,
    [Symbol.dispose]: () => {
      process.off('exit', remove);
      remove();
    },
  };
}
