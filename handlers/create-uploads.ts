import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { api, json } from './edge/api.ts';
import { parseBody } from './edge/input.ts';
import { room } from './edge/runtime.ts';

/** Links may be used for this long, in seconds. */
const expiresSeconds = 900;

const mebibyte = 2 ** 20;
/**
 * What may be uploaded, and how large: photos for pictures, files of rows for jobs (one PUT takes at most 5 GB),
 * documents for their text.
 */
const kinds = {
  'image/jpeg': 20 * mebibyte,
  'image/png': 20 * mebibyte,
  'image/webp': 20 * mebibyte,
  'image/avif': 20 * mebibyte,
  'text/csv': 5_000 * mebibyte,
  'application/x-ndjson': 5_000 * mebibyte,
  'application/json': 5_000 * mebibyte,
  'application/gzip': 5_000 * mebibyte,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 400 * mebibyte,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 50 * mebibyte,
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 50 * mebibyte,
  'application/pdf': 50 * mebibyte,
  'text/html': 50 * mebibyte,
  'text/markdown': 50 * mebibyte,
  'text/plain': 50 * mebibyte,
} as const;
type ContentType = keyof typeof kinds;

/** A step of a path. What begins with a dot is hidden, or leads elsewhere. */
const step = /[\p{L}\p{N}_][\p{L}\p{N}\p{M} _.()&+,'@=~-]{0,99}/u.source;
const path = new RegExp(`^(?:${step}/){0,20}${step}$`, 'u');

const request = z.strictObject({
  /** Files of several requests come together in it, under their names. Default: each file gets a folder of its own. */
  folder: z
    .string()
    .regex(/^\w[\w.-]{0,99}$/, "may have letters, digits, '.', '-' and '_', at most 100")
    .optional(),
  files: z
    .array(
      z
        .strictObject({
          name: z
            .string()
            .max(500)
            .regex(
              path,
              'must be a name, or a path of names, of letters, digits and some marks, at most 100 each',
            ),
          contentType: z.enum(Object.keys(kinds) as [ContentType, ...ContentType[]]),
          bytes: z.int().min(1),
        })
        .refine(({ contentType, bytes }) => bytes <= kinds[contentType], {
          path: ['bytes'],
          error: ({ input }) =>
            `must not be more than ${kinds[(input as { contentType: ContentType }).contentType]}`,
        }),
    )
    .min(1)
    .max(100),
});

/** POST /uploads: for each file a key and a link to PUT it to, so that photos need not travel inside requests. */
export const handler = api(async (event, _context, { tenant }) => {
  const { folder, files } = parseBody(event, request);
  const uploads = files.map(async ({ name, contentType, bytes }) => {
    const key = `uploads/${tenant}/${folder ?? randomUUID()}/${name}`;
    const url = await room.blobs.writeUrl(key, { contentType, bytes, expiresSeconds });
    return { key, method: 'PUT', url, headers: { 'content-type': contentType }, expiresSeconds };
  });
  return json(201, { uploads: await Promise.all(uploads) });
});
