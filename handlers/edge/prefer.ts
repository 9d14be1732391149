/** The caller's `Prefer` header (RFC 7240): an answer at once, or within a number of seconds. */
export interface Preference {
  respondAsync: boolean;
  waitSeconds?: number;
}

/** Reads the header. Ignores unknown or malformed preferences, as the RFC requires. */
export function parsePrefer(header: string | undefined): Preference {
  const preference: Preference = { respondAsync: false };
  for (const part of (header ?? '').split(',')) {
    const [name, value] =
      part
        .split(';')[0]
        ?.split('=')
        .map((token) => token.trim().toLowerCase()) ?? [];
    if (name === 'respond-async' && value === undefined) preference.respondAsync = true;
    const seconds = value?.replace(/^"(.*)"$/, '$1') ?? '';
    if (name === 'wait' && /^\d{1,6}$/.test(seconds)) preference.waitSeconds = Number(seconds);
  }
  return preference;
}

/** The `Preference-Applied` header that belongs to it. */
export function preferenceApplied({ respondAsync, waitSeconds }: Preference): Record<string, string> {
  if (respondAsync) return { 'preference-applied': 'respond-async' };
  return waitSeconds === undefined ? {} : { 'preference-applied': `wait=${waitSeconds}` };
}
