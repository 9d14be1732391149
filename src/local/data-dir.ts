import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SpillwayError } from '../core/engine/errors.ts';
import { localErrors } from './local-errors.ts';

/** The directory of everything that one machine stores. At most one service uses it at a time. */
export interface DataDir {
  path: string;
  /** Logs, one file per function. */
  logs: string;
  /** A subdirectory of this name, created if necessary. */
  directory(name: string): string;
  /** The port that a server last used, if any: addresses given out earlier should still work after a restart. */
  lastPort(server: string): number | undefined;
  rememberPort(server: string, port: number): void;
  /** Tells other commands how to reach the service that uses the directory. */
  announce(service: RunningService): void;
  /** Releases it for another service. */
  release(): void;
}

/**
 * Opens and locks a data directory. Throws `DATA_DIR_IN_USE` if another service is using it, and
 * `DATA_DIR_UNUSABLE` if it cannot be created.
 */
export function openDataDir(directory: string): DataDir {
  const path = resolve(directory);
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw unusable(path, cause);
  }
  const release = lock(path);
  const portsFile = join(path, 'ports.json');
  const ports = readPorts(portsFile);
  const subdirectory = (name: string) => {
    const made = join(path, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  return {
    path,
    logs: subdirectory('logs'),
    directory: subdirectory,
    lastPort: (server) => ports[server],
    rememberPort: (server, port) => {
      ports[server] = port;
      writeFileSync(portsFile, JSON.stringify(ports));
    },
    announce: (service) => writeWhole(join(path, 'service.json'), JSON.stringify(service)),
    release,
  };
}

/** Nobody reads it half written. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** A file that a crash left half written must not prevent a start: the ports are only a convenience. */
export function readPorts(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/**
 * SQLite takes an operating-system lock, which ends with the process, however it dies. So a stale lock cannot
 * exist, and no process id is ever mistaken for another's. The file beside it only says who holds the lock.
 */
function lock(path: string): () => void {
  const holderFile = join(path, 'lock.pid');
  const serviceFile = join(path, 'service.json');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(path, 'lock'));
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    writeFileSync(holderFile, String(process.pid));
    // Of a service that was killed.
    rmSync(serviceFile, { force: true });
  } catch (cause) {
    database?.close();
    throw isLocked(cause) ? inUse(path, { holderFile, serviceFile }, cause) : unusable(path, cause);
  }
  const held = database;
  return () => {
    if (!held.isOpen) return;
    rmSync(serviceFile, { force: true });
    held.close();
  };
}

/** SQLite's codes for a lock that somebody else holds. */
const sqliteLocked: ReadonlySet<unknown> = new Set([5, 6]);

const isLocked = (cause: unknown) =>
  cause instanceof Error && 'errcode' in cause && sqliteLocked.has(cause.errcode);

/** How the holder of a data directory is reached. */
export interface RunningService {
  url: string;
  /** The key that it takes; undefined if it has keys of its own, which are nobody else's business. */
  key?: string;
}

function inUse(path: string, files: { holderFile: string; serviceFile: string }, cause: unknown) {
  const holder = textOf(files.holderFile);
  const service = textOf(files.serviceFile);
  const process = holder === undefined ? '' : ` (process ${holder})`;
  const message = `Another service${process} uses the data directory ${path}. Stop it, or choose another with --data-dir`;
  const details = service === undefined ? {} : { details: JSON.parse(service) as RunningService };
  return new SpillwayError(localErrors.DATA_DIR_IN_USE, message, { cause, ...details });
}

/** Undefined if the holder has not written the file yet. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of the path is a file',
  ENOENT: 'it cannot be made there',
};

/** In plain words: SQLite says "unable to open database file" for most of these. */
function unusable(path: string, cause: unknown): SpillwayError {
  const { code = '', errcode } = Object(cause) as { code?: string; errcode?: number };
  const said = cause instanceof Error ? cause.message : String(cause);
  // SQLite's codes for a file that cannot be opened or written: 14, and 8 with its extensions.
  const sealed = errcode === 14 || (errcode ?? 0) % 256 === 8;
  const reason = reasons[code] ?? (sealed ? 'it is read-only, or you may not write there' : said);
  const message = `The data directory ${path} cannot be used: ${reason}. Choose another with --data-dir`;
  return new SpillwayError(localErrors.DATA_DIR_UNUSABLE, message, { cause });
}
