// Plain JavaScript without imports from node_modules, like everything that runs before the dependencies are there.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** A copy of the lock file that the dependencies were installed from. */
export const stamp = join(root, 'node_modules', '.spillway-installed');
export const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
/** Where Node keeps what it has compiled: it then starts in about half the time. */
export const compileCache = join(root, 'node_modules', '.cache', 'spillway');

export const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;

/** Whether this process is the Node that the project pins. */
export const isPinnedNode = () =>
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node === process.versions.node;
