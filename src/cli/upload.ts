import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { resolve } from 'node:path';
import pLimit from 'p-limit';
import { SpillwayError } from '../engine/errors.ts';
import { apiErrorOf } from './api-error.ts';
import { type Connection, embeddedTenant } from './connection.ts';
import type { InputFile } from './input-file.ts';

interface Uploads {
  uploads: { key: string; url: string; headers: Record<string, string> }[];
}

/** Files that are uploaded at a time. */
const atOnce = 8;

/**
 * Brings files to the service, into one folder, under their names. Resolves to the folder's key there, which ends in `/`.
 * Files that are there already are overwritten.
 */
export async function uploadFolder(
  connection: Connection,
  folder: string,
  files: readonly InputFile[],
  signal: AbortSignal,
): Promise<string> {
  const limit = pLimit(atOnce);
  const keys = await Promise.all(files.map((file) => limit(upload, connection, file, signal, folder)));
  const [key = ''] = keys;
  const [uploads, tenant, own] = key.split('/');
  return `${uploads}/${tenant}/${own}/`;
}

/** Brings a file to the service, into a folder if one is given. Resolves to its key there. */
export async function upload(
  { api, linkFile }: Connection,
  { path, name, contentType, bytes }: InputFile,
  signal: AbortSignal,
  folder?: string,
): Promise<string> {
  if (linkFile) {
    const key = `uploads/${embeddedTenant}/linked-${folder ?? randomUUID()}/${name}`;
    await linkFile(key, resolve(path));
    return key;
  }
  const within = folder === undefined ? {} : { folder };
  const { uploads } = await api.post<Uploads>(
    '/uploads',
    { ...within, files: [{ name, contentType, bytes }] },
    { repeatable: true },
  );
  const [link] = uploads;
  if (!link) throw new Error('The service gave no link for the upload');
  const { key, url, headers } = link;
  const response = await fetch(url, { method: 'PUT', body: await openAsBlob(path), headers, signal });
  if (response.status === 413) {
    const message = `${path} is too large for one request to this service's store; one without --endpoint takes any size`;
    throw new SpillwayError('UPLOAD_TOO_LARGE', message);
  }
  if (!response.ok) throw await apiErrorOf(response);
  return key;
}
