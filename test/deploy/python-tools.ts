import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildDirectory } from '../../deploy/functions.ts';

const run = promisify(execFile);

/** Kept between runs: to install takes half a minute. */
const directory = join(buildDirectory, 'python-tools');
const requirementsFile = join(import.meta.dirname, 'requirements.txt');

/** Tells the version if it is 3.10 or later, with what makes an environment: Debian has that in a package of its own. */
const probe = 'import sys, venv, ensurepip; print(sys.version); sys.exit(sys.version_info < (3, 10))';

/** Emulators and checkers that are written in Python, in an environment of their own. */
export interface PythonTools {
  /** Path of an executable of the environment. */
  executable(name: string): string;
}

/**
 * What requirements.txt names, installed. Where that cannot be had, `undefined`, and a line that says what is left out
 * for it; with SPILLWAY_REQUIRE_PYTHON=1 it throws instead.
 */
export async function pythonTools(forWhat: string): Promise<PythonTools | undefined> {
  try {
    await install();
  } catch (error) {
    const { message } = error as Error;
    if (process.env.SPILLWAY_REQUIRE_PYTHON === '1') throw error;
    console.warn(`Left out: ${forWhat}. ${message}`);
    return undefined;
  }
  return { executable: (name) => join(directory, 'bin', name) };
}

async function install(): Promise<void> {
  const python = await run('python3', ['-c', probe]).catch((cause) => {
    throw new Error('It needs Python 3.10 or later with venv', { cause });
  });
  const requirements = await readFile(requirementsFile, 'utf8');
  const stamp = join(directory, 'installed.txt');
  const wanted = python.stdout + requirements;
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return;
  await rm(directory, { recursive: true, force: true });
  try {
    await run('python3', ['-m', 'venv', directory]);
    await run(join(directory, 'bin', 'pip'), ['install', '--quiet', '--requirement', requirementsFile]);
  } catch (cause) {
    throw new Error(`pip could not install ${requirements.trim().replaceAll('\n', ', ')}`, { cause });
  }
  await writeFile(stamp, wanted);
}
