import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { api, json } from './edge/api.ts';
import { parseBody } from './edge/input.ts';
import { room } from './edge/runtime.ts';

/** Links may be used for this long, in seconds. */
const expiresSeconds = 900;

/** Larger photos would be refused when they are used. */
const maxPhotoBytes = 20 * 2 ** 20;

const request = z.strictObject({
  files: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[\w][\w.-]{0,99}$/, "may have letters, digits, '.', '-' and '_', at most 100"),
        contentType: z.enum(['image/jpeg', 'image/png', 'image/webp', 'image/avif']),
        bytes: z.int().min(1).max(maxPhotoBytes),
      }),
    )
    .min(1)
    .max(100),
});

/** POST /uploads: for each file a key and a link to PUT it to, so that photos need not travel inside requests. */
export const handler = api(async (event, _context, { tenant }) => {
  const { files } = parseBody(event, request);
  const uploads = files.map(async ({ name, contentType, bytes }) => {
    const key = `uploads/${tenant}/${randomUUID()}/${name}`;
    const url = await room.blobs.writeUrl(key, { contentType, bytes, expiresSeconds });
    return { key, method: 'PUT', url, headers: { 'content-type': contentType }, expiresSeconds };
  });
  return json(201, { uploads: await Promise.all(uploads) });
});
