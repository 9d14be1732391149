import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { resolve } from 'node:path';
import { SpillwayError } from '../engine/errors.ts';
import { apiErrorOf } from './api-error.ts';
import { type Connection, embeddedTenant } from './connection.ts';
import type { InputFile } from './input-file.ts';

interface Uploads {
  uploads: { key: string; url: string; headers: Record<string, string> }[];
}

/** Brings a file to the service. Resolves to its key there. */
export async function upload(
  { api, linkFile }: Connection,
  { path, name, contentType, bytes }: InputFile,
  signal: AbortSignal,
): Promise<string> {
  if (linkFile) {
    const key = `uploads/${embeddedTenant}/linked-${randomUUID()}/${name}`;
    await linkFile(key, resolve(path));
    return key;
  }
  const { uploads } = await api.post<Uploads>(
    '/uploads',
    { files: [{ name, contentType, bytes }] },
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
