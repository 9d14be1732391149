import type { Found } from './coalesce.ts';
import { UpstreamError } from './upstream-error.ts';

/**
 * Loads all keys in one call; where that fails by the fault of what was asked for, each half by itself, and so on: a key
 * that spoils every call that it is part of fails alone. Never rejects: an error is that of its keys.
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

/** Answers that can be about one of the keys: everything but the API's being away, and what concerns every call. */
function mayBeAKeys(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return false;
  return ['UPSTREAM_REFUSED', 'UPSTREAM_FAILED', 'ANSWER_TOO_LARGE'].includes(error.code);
}
