import type { Found } from './coalesce.ts';
import { UpstreamError } from './upstream-error.ts';

/**
 * Loads all keys in one call. If that fails because of what was asked for, loads each half separately, and so
 * on, so a key that spoils every call fails alone. Never rejects: each key gets its error.
 */
export async function loadSplitting<Key, Value>(
  keys: readonly Key[],
  load: (keys: readonly Key[]) => Promise<readonly Found<Value>[]>,
): Promise<readonly Found<Value>[]> {
  try {
    return await load(keys);
  } catch (error) {
    if (keys.length <= 1 || !mayBeAKeys(error)) return keys.map(() => ({ error }));
    const middle = keys.length >>> 1;
    const halves = [keys.slice(0, middle), keys.slice(middle)];
    return (await Promise.all(halves.map((half) => loadSplitting(half, load)))).flat();
  }
}

/** Whether one of the keys may have caused the error: true unless the API is down or the error concerns every call. */
function mayBeAKeys(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return false;
  return ['UPSTREAM_REFUSED', 'UPSTREAM_FAILED', 'ANSWER_TOO_LARGE'].includes(error.code);
}
