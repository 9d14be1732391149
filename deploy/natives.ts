import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { separatePackages } from './build.ts';
import { buildDirectory, root } from './functions.ts';

/** An architecture, by Lambda's name; `cpus` has its name in Node and npm. */
export type Architecture = 'arm64' | 'x86_64';
const cpus = { arm64: 'arm64', x86_64: 'x64' } as const;

/** A file of a package: its path in the package and its path on this machine. */
export interface PackedFile {
  path: string;
  source: string;
}

/** A package's entry in package-lock.json. */
interface Locked {
  version: string;
  integrity?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  os?: string[];
  cpu?: string[];
  libc?: string[];
}

/** Dependencies of onnxruntime-node that only its install script uses. */
const forInstallationOnly = ['adm-zip', 'global-agent'];

/** Everything else in these packages is sources, types, documentation or maps. */
const runtimeFile = /\.([cm]?js|json|node|so(\.\d+)*)$|(^|\/)LICENSE[^/]*$/;

const searches = new Map<Architecture, Promise<PackedFile[]>>();

/**
 * Files of the native packages and their dependencies, for Lambda's Linux: `node_modules/…` → path on this machine.
 * Found once: functions are packed at the same time, and two installations would collide.
 */
export function nativeFiles(architecture: Architecture): Promise<PackedFile[]> {
  const files = searches.get(architecture) ?? findFiles(cpus[architecture]);
  searches.set(architecture, files);
  return files;
}

async function findFiles(cpu: string): Promise<PackedFile[]> {
  const locked = closure(cpu);
  const missing = new Map(
    [...locked].filter(([name, { version }]) => installedVersion(root, name) !== version),
  );
  const staging = missing.size > 0 ? await install(missing, cpu) : root;
  const files = [...locked.keys()].map(async (name) => {
    const directory = join('node_modules', ...name.split('/'));
    const from = join(missing.has(name) ? staging : root, directory);
    const paths = (await readdir(from, { recursive: true })).map((path) => path.replaceAll('\\', '/'));
    return paths
      .filter((path) => runtimeFile.test(path) && isForTarget(name, path, cpu))
      .map((path) => ({ path: `node_modules/${name}/${path}`, source: join(from, path) }));
  });
  return (await Promise.all(files)).flat();
}

/** libheif-js brings its decoder four times: these are the files of one, with its WebAssembly in it. */
const decoder = new Set(['package.json', 'LICENSE', 'wasm-bundle.js', 'libheif-wasm/libheif-bundle.js']);

/** onnxruntime-node brings its libraries for every platform, and CUDA's if its install script ran. */
function isForTarget(name: string, path: string, cpu: string): boolean {
  if (name === 'libheif-js') return decoder.has(path);
  return (
    !path.startsWith('bin/') ||
    (path.startsWith(`bin/napi-v6/linux/${cpu}/`) && !path.includes('libonnxruntime_providers_'))
  );
}

/** The native packages and their runtime dependencies, by name, as the lock file has them. */
function closure(cpu: string): Map<string, Locked> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const found = new Map<string, Locked>();
  const visit = (name: string, optional: boolean) => {
    const locked = packages[`node_modules/${name}`];
    if (!locked) {
      if (optional) return;
      throw new Error(`package-lock.json has no node_modules/${name}`);
    }
    if (found.has(name) || forInstallationOnly.includes(name) || !suits(locked, cpu)) return;
    found.set(name, locked);
    for (const dependency of Object.keys(locked.dependencies ?? {})) visit(dependency, false);
    for (const dependency of Object.keys(locked.optionalDependencies ?? {})) visit(dependency, true);
  };
  for (const name of separatePackages) visit(name, false);
  return found;
}

function suits({ os, cpu, libc }: Locked, target: string): boolean {
  return (
    (os?.includes('linux') ?? true) && (cpu?.includes(target) ?? true) && (libc?.includes('glibc') ?? true)
  );
}

function installedVersion(directory: string, name: string): string | undefined {
  const file = join(directory, 'node_modules', ...name.split('/'), 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Locked).version : undefined;
}

/**
 * Installs packages for a platform other than this machine's into a directory of their own, in the lock file's
 * versions and checked against its hashes. Keeps what is already there. Returns the directory.
 */
async function install(packages: Map<string, Locked>, cpu: string): Promise<string> {
  const directory = join(buildDirectory, 'natives', `linux-${cpu}`);
  const stamp = join(directory, 'installed.json');
  // `--cpu` selects optional packages; npm would refuse required ones on a machine that they do not suit.
  const optionalDependencies = Object.fromEntries(
    [...packages].map(([name, { version }]) => [name, version]),
  );
  const manifest = { name: 'natives', private: true, optionalDependencies };
  const lock = JSON.stringify({
    name: 'natives',
    lockfileVersion: 3,
    packages: {
      '': manifest,
      ...Object.fromEntries([...packages].map(([name, locked]) => [`node_modules/${name}`, locked])),
    },
  });
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === lock) return directory;

  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(directory, 'package-lock.json'), lock);
  const names = [...packages.keys()];
  const args = ['ci', `--prefix=${directory}`, '--os=linux', `--cpu=${cpu}`, '--libc=glibc'];
  try {
    await promisify(execFile)(
      'npm',
      [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      {
        cwd: directory,
        shell: process.platform === 'win32',
      },
    );
  } catch (error) {
    throw new Error(`npm could not install ${names.join(', ')} for Linux on ${cpu}`, { cause: error });
  }
  // npm does not report optional packages that it could not install.
  const absent = names.filter((name) => installedVersion(directory, name) === undefined);
  if (absent.length > 0) throw new Error(`npm did not install ${absent.join(', ')} for Linux on ${cpu}`);
  await writeFile(stamp, lock);
  return directory;
}
