import * as z from 'zod';
import { hash } from '../physics/chance.ts';

/** Seconds that an access token is good for. */
export const accessTokenSeconds = 3600;

const prefix = 'Atza|';

const claimsSchema = z.object({ account: z.string(), until: z.number() });

/** A token that tells by itself whose it is and how long it lives: until `until`, epoch milliseconds. */
export function accessToken(account: string, until: number): string {
  const claims = { account: hash(account).toString(36), until };
  return prefix + Buffer.from(JSON.stringify(claims)).toString('base64url');
}

/** Whose token it is; `expired`; or undefined for anything that is no such token. */
export function readAccessToken(token: string, now: number): { account: string } | 'expired' | undefined {
  if (!token.startsWith(prefix)) return undefined;
  try {
    const text = Buffer.from(token.slice(prefix.length), 'base64url').toString();
    const { account, until } = claimsSchema.parse(JSON.parse(text));
    return now < until ? { account } : 'expired';
  } catch {
    return undefined;
  }
}
