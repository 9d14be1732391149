import { distance } from 'fastest-levenshtein';

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Nobody mistypes a longer name, and the comparison takes time that grows with the product of the lengths. */
const longestName = 200;

/** The name the fewest edits away, unless most of it would have to change. Ignores case and punctuation. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  if (wanted.length > longestName) return undefined;
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const edits = distance(plain(name), plain(wanted));
    if (edits < least && edits <= Math.max(name.length, wanted.length) * 0.4) {
      found = name;
      least = edits;
    }
  }
  return found;
}

/** A suffix for an unknown name: ` (did you mean "echo"?)`, or nothing. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const name = nearest(wanted, names);
  return name === undefined ? '' : ` (did you mean "${name}"?)`;
}

/** A message for an unknown name: `There is no workload "eco" (did you mean "echo"?); available: echo`. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  return `There is no ${kind} "${name}"${didYouMean(name, known)}; available: ${known.join(', ')}`;
}
