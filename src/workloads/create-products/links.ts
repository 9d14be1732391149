import * as z from 'zod';
import { type Environment, readVariables } from '../../core/engine/environment.ts';
import type { Blobs } from '../../core/jobs/model/ports.ts';

export const linkSettings = {
  /** Where the store's pictures can be read by everybody, a CDN for example. Empty: links are signed, and expire. */
  SPILLWAY_PICTURES_URL: z
    .union([z.literal(''), z.url({ protocol: /^https?$/, error: 'must be an http: or https: URL' })])
    .default(''),
};

/** A link to a picture, by its key. */
export type LinkTo = (key: string) => Promise<string>;

/** Permanent links if the service knows a public address of its pictures, and else signed ones that expire. */
export function pictureLinks(blobs: Blobs, env: Environment): LinkTo {
  const base = readVariables(linkSettings, env).SPILLWAY_PICTURES_URL.replace(/\/+$/, '');
  if (base === '') return (key) => blobs.readUrl(key);
  return async (key) => `${base}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
