import { randomUUID } from 'node:crypto';
import { constants, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import pLimit from 'p-limit';
import { ApiError } from '../client/api-error.ts';
import { reasonOf } from '../client/reason.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { commandErrors } from './command-errors.ts';
import type { Connection } from './connection.ts';
import { embeddedTenant } from './connection-options.ts';
import type { InputFile } from './input-files.ts';

/** Concurrent uploads. */
const atOnce = 8;
/** The most files to name. */
const maxShown = 20;

/** A file that cannot be uploaded, and why. */
export interface Refused {
  name: string;
  reason: string;
}

/**
 * Uploads files into one folder of the service, under their names. Resolves to the folder's key, which ends
 * in `/`, and the files that cannot be uploaded because they are too large or unreadable. Throws if that is
 * all of them. Overwrites existing files.
 */
export async function uploadFolder(
  connection: Connection,
  folder: string,
  files: readonly InputFile[],
): Promise<{ key: string; refused: Refused[] }> {
  const limit = pLimit(atOnce);
  const refused: Refused[] = [];
  const bring = async (file: InputFile): Promise<string[]> => {
    try {
      return [await upload(connection, file, folder)];
    } catch (error) {
      const reason = refusalOf(error);
      if (reason === undefined || refused.length === files.length - 1) throw error;
      refused.push({ name: file.name, reason });
      return [];
    }
  };
  const keys = await limit.map(files, bring).finally(() => limit.clearQueue());
  const [uploads, tenant, own] = keys.flat()[0]?.split('/') ?? [];
  return { key: `${uploads}/${tenant}/${own}/`, refused };
}

/** Why a file cannot be uploaded; undefined if the fault does not lie with the file. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof ApiError) {
    const places = error.errors.map(({ path, message }) => `${path.replace('files[0].', '')} ${message}`);
    return error.status === 422 ? places.join(', ') || error.message : undefined;
  }
  const ofFile = error instanceof SpillwayError ? error.code === 'UPLOAD_TOO_LARGE' : isOfSystem(error);
  return ofFile ? reasonOf(error) : undefined;
}

/** Errors of a missing or unreadable file. */
const isOfSystem = (error: unknown) => error instanceof Error && 'syscall' in error;

/** Says how many files were not uploaded, and names the first of them. */
export function refusedText(refused: readonly Refused[]): string {
  const shown = refused.slice(0, maxShown).map(({ name, reason }) => `  ${name}: ${reason}\n`);
  const more = refused.length > maxShown ? `  … and ${refused.length - maxShown} more\n` : '';
  const count = refused.length === 1 ? 'One file was' : `${refused.length} files were`;
  return `${count} not uploaded, and will be FILE_NOT_FOUND in the output:\n${shown.join('')}${more}`;
}

/** Uploads a file to the service, into a folder if one is given. Resolves to its key. */
export async function upload(
  { client, linkFile }: Connection,
  { path, name, contentType }: InputFile,
  folder?: string,
): Promise<string> {
  if (linkFile) {
    const key = `uploads/${embeddedTenant}/linked-${folder ?? randomUUID()}/${name}`;
    await linkFile(key, resolve(path));
    return key;
  }
  await access(path, constants.R_OK);
  try {
    return await client.upload({ name, contentType, content: await openAsBlob(path) }, folder);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 413) throw error;
    const message = `${path} is too large for one request to the store of this service; without --endpoint, any size works`;
    throw new SpillwayError(commandErrors.UPLOAD_TOO_LARGE, message);
  }
}
