/**
 * Levels of objects and arrays that a JSON text may have. Whoever reads or writes JSON by recursion, as `JSON.stringify`
 * does, runs out of stack at a few thousand.
 */
export const deepest = 500;

const quote = 0x22;
const backslash = 0x5c;
const openers: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closers: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Whether a JSON text nests objects and arrays deeper than `most` levels. Most texts have too few brackets for that. */
export function isDeeperThan(most: number, json: string): boolean {
  // Each level takes two characters.
  if (json.length <= 2 * most || !hasMany(most, json)) return false;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (quoted) {
      if (code === backslash) at += 1;
      else if (code === quote) quoted = false;
    } else if (code === quote) quoted = true;
    else if (openers.has(code)) {
      depth += 1;
      if (depth > most) return true;
    } else if (closers.has(code)) depth -= 1;
  }
  return false;
}

function hasMany(most: number, json: string): boolean {
  let count = 0;
  for (const bracket of ['[', '{']) {
    for (let at = json.indexOf(bracket); at >= 0; at = json.indexOf(bracket, at + 1)) {
      count += 1;
      if (count > most) return true;
    }
  }
  return false;
}
