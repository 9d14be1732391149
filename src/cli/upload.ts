import { openAsBlob } from 'node:fs';
import pLimit from 'p-limit';
import { apiErrorOf } from './api-error.ts';
import type { Connection } from './connection.ts';
import type { InputFile } from './input-file.ts';

/** Bytes from which on the embedded store wants a file in parts. */
const largeBytes = 10_000_000;

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
  return key.slice(0, key.indexOf(`/${folder}/`) + folder.length + 2);
}

/** Brings a file to the service, into a folder if one is given. Resolves to its key there. */
export async function upload(
  { api, importFile }: Connection,
  { path, name, contentType, bytes }: InputFile,
  signal: AbortSignal,
  folder?: string,
): Promise<string> {
  const within = folder === undefined ? {} : { folder };
  if (importFile && bytes > largeBytes) return importFile(path, { name, contentType, ...within });
  const { uploads } = await api.post<Uploads>(
    '/uploads',
    { ...within, files: [{ name, contentType, bytes }] },
    { repeatable: true },
  );
  const [link] = uploads;
  if (!link) throw new Error('The service gave no link for the upload');
  const { key, url, headers } = link;
  const response = await fetch(url, { method: 'PUT', body: await openAsBlob(path), headers, signal });
  if (!response.ok) throw await apiErrorOf(response);
  return key;
}
