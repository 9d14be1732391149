import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpillwayError(
      localErrors.DATA_DIR_UNUSABLE,
      `The data directory ${path} cannot be used: ${reason}`,
      {
        cause,
      },
    );
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
    release,
  };
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
  const database = new DatabaseSync(join(path, 'lock'));
  const holderFile = join(path, 'lock.pid');
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new SpillwayError(localErrors.DATA_DIR_IN_USE, inUse(path, holderFile), { cause });
  }
  writeFileSync(holderFile, String(process.pid));
  return () => {
    if (database.isOpen) database.close();
  };
}

function inUse(path: string, holderFile: string): string {
  let holder = '';
  try {
    holder = ` (process ${readFileSync(holderFile, 'utf8')})`;
  } catch {
    // The other service has not written the file yet.
  }
  return `Another service${holder} uses the data directory ${path}. Stop it, or choose another with --data-dir.`;
}
