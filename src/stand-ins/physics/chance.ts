/** Draws a number from 0 to 1, 1 excluded. */
export type Random = () => number;

/** A number from 0 to 2^32 − 1 that depends on every character. FNV-1a, then MurmurHash3's finalizer. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The same parts always give the same sequence. Mulberry32 (Tommy Ettinger). */
export function randomOf(...parts: readonly (string | number)[]): Random {
  let state = hash(parts.join('\u0000'));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `min` to `max`, both included. */
export function whole(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** Throws RangeError for an empty list. */
export function pick<T>(random: Random, list: readonly T[]): T {
  const chosen = list[Math.floor(random() * list.length)];
  if (chosen === undefined) throw new RangeError('There is nothing to pick from');
  return chosen;
}

/** `count` hexadecimal digits. */
export function hex(random: Random, count: number): string {
  return Array.from({ length: count }, () => whole(random, 0, 15).toString(16)).join('');
}

/** A standard normal draw. Box–Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Tells first tries from later ones, so that chance depends on the key and the try, and not on the order in which
 * concurrent calls happen to arrive. The table has a fixed size; keys that share a place merely count together.
 */
export function createTries(places = 2 ** 18): (key: string) => number {
  const counts = new Uint16Array(places);
  return (key) => {
    const place = hash(key) % places;
    const tries = counts[place] ?? 0;
    counts[place] = tries + 1;
    return tries;
  };
}
