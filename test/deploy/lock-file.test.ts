import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Locked {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, Locked>;
};

/** As Node finds a package: in the nearest `node_modules` on the way up. */
function isLocked(name: string, from: string): boolean {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

// npm leaves out of the lock file what its registry could not find at that moment, and `npm ci` then refuses the file.
it('the lock file names every package of every platform', () => {
  const missing = Object.entries(packages).flatMap(([at, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !isLocked(name, at)),
  );
  expect(missing).toEqual([]);
});

it('the lock file names no registry, so that npm uses whichever is configured', () => {
  expect(Object.entries(packages).filter(([, locked]) => 'resolved' in locked)).toEqual([]);
});
