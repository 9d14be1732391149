import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileType, formats } from '../core/formats/format.ts';
import { plainReason } from './plain-reason.ts';
import { UsageError } from './usage-error.ts';

/** Standard input, or standard output. */
export const standardStream = '-';

/** Where an output goes. */
export interface Target {
  /**
   * `file`: replaced as a whole, where links lead. `stream`: a device or a pipe, which is written to. `stdout`: what
   * the command itself writes to.
   */
  kind: 'file' | 'stream' | 'stdout';
  path: string;
}

const stdoutNames: ReadonlySet<string> = new Set([
  standardStream,
  '/dev/stdout',
  '/dev/fd/1',
  '/proc/self/fd/1',
]);

/** Finds out where an output goes, without touching it. Throws a {@link UsageError} if nothing can go there. */
export function targetOf(output: string): Target {
  if (stdoutNames.has(output)) return { kind: 'stdout', path: output };
  const [path, stats] = whatIsAt(output);
  if (stats === undefined || stats.isFile()) return { kind: 'file', path };
  if (stats.isDirectory()) throw new UsageError(`The output ${output} is a folder: name a file in it.`);
  if (stats.isSocket()) throw new UsageError(`The output ${output} is a socket, which cannot be written to.`);
  return { kind: 'stream', path };
}

function whatIsAt(output: string): [path: string, stats: Stats | undefined] {
  try {
    const path = linkedFrom(resolve(output));
    return [path, statSync(path, { throwIfNoEntry: false })];
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw unwritable(output, error);
  }
}

const unwritable = (output: string, error: unknown) =>
  new UsageError(`The output ${output} cannot be written: ${plainReason(error)}.`);

/** Links that lead to each other, at most. */
const mostLinks = 40;

/** The file that a link leads to, even if it does not exist yet. */
function linkedFrom(path: string): string {
  let at = path;
  for (let links = 0; links < mostLinks; links += 1) {
    // The links of open files name no path.
    if (/^\/(proc|dev)\//.test(at)) return at;
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (!stats?.isSymbolicLink()) return at;
    at = resolve(dirname(at), readlinkSync(at));
  }
  throw new UsageError(`The output ${path} is a link that leads to itself.`);
}

/** The files beside an output, under its own name: `out.errors.csv` beside `out.csv`. */
export function besideOf(output: string, file: 'errors' | 'summary', extension: string): string {
  return `${stemOf(output)}.${file}${extension}`;
}

/** `.csv` or `.csv.gz`; empty for a path without one. */
export const extensionOf = (path: string) => /\.\w+(?:\.gz)?$/.exec(path)?.[0] ?? '';

/** An output's path without its extensions. */
export const stemOf = (output: string) => join(dirname(output), basename(output, extensionOf(output)));

/** Every name that a file beside an output can have. */
export function allBeside(output: string, file: 'errors' | 'summary'): string[] {
  if (file === 'summary') return [besideOf(output, file, '.json')];
  const extensions = formats.flatMap((format) =>
    [false, true].map((gzip) => fileType(format, gzip && format !== 'xlsx').extension),
  );
  return [...new Set(extensions)].map((extension) => besideOf(output, file, extension));
}

/**
 * Checks before any work that an output and the files beside it can be written, and that they replace no input. Throws
 * a {@link UsageError}.
 */
export function checkTarget(output: string, inputs: readonly string[] = []): void {
  const { kind, path } = targetOf(output);
  if (kind !== 'file') return;
  for (const input of inputs) {
    if (isSame(path, input)) throw new UsageError('The output would replace the input.');
    if (path.startsWith(linkedFrom(resolve(input)) + sep))
      throw new UsageError(
        'The output is in the folder of the input, so the next run would read it: choose another folder.',
      );
  }
  for (const beside of [...allBeside(output, 'errors'), ...allBeside(output, 'summary')]) {
    if (inputs.some((input) => isSame(beside, input)))
      throw new UsageError(
        `The failed rows or the summary would go into ${beside}, which would replace the input: choose another output, or --merge-into ${output} to put the mended rows into it.`,
      );
    if (statSync(beside, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`${beside} must not be a folder: failed rows or the summary go there.`);
  }
  checkWritable(output, path);
}

function checkWritable(output: string, path: string): void {
  const unfinished = unfinishedOf(path);
  try {
    makeFolder(dirname(path));
    if (statSync(path, { throwIfNoEntry: false })) accessSync(path, constants.W_OK);
    // Nothing else tells for sure: a disk may be read-only, or a file system refuse a name.
    writeFileSync(unfinished, '');
    rmSync(unfinished);
  } catch (error) {
    throw unwritable(output, error);
  }
}

/** Step by step: Node's own recursive way never ends in file systems such as /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** Where a file is written until it is complete. */
export const unfinishedOf = (path: string) => join(dirname(path), `.${basename(path)}.unfinished`);

/** Whether two paths are the same file, by whatever names and links. */
function isSame(one: string, other: string): boolean {
  if (resolve(one) === resolve(other)) return true;
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
