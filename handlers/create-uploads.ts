import { randomUUID } from 'node:crypto';
import { api, json } from './edge/api.ts';
import { parseBody } from './edge/input.ts';
import { uploadsRequest } from './edge/requests.ts';
import { jobs } from './edge/runtime.ts';

/** How long links are valid, in seconds. */
const expiresSeconds = 900;

/** POST /uploads: a key and a link to PUT to for each file, so that photos need not travel in requests. */
export const handler = api(async (event, _context, { tenant }) => {
  const { folder, files } = parseBody(event, uploadsRequest);
  const uploads = files.map(async ({ name, contentType, bytes }) => {
    const key = `uploads/${tenant}/${folder ?? randomUUID()}/${name}`;
    const url = await jobs.blobs.writeUrl(key, { contentType, bytes, expiresSeconds });
    return { key, method: 'PUT', url, headers: { 'content-type': contentType }, expiresSeconds };
  });
  return json(201, { uploads: await Promise.all(uploads) });
});
