import { distance } from 'fastest-levenshtein';

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The name that is fewest edits away, unless most of it had to be edited. Case and punctuation count for nothing. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
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

/** To be put behind a name that there is not: ` (did you mean "echo"?)`, or nothing. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const name = nearest(wanted, names);
  return name === undefined ? '' : ` (did you mean "${name}"?)`;
}

/** For a name that does not exist: `There is no workload "eco" (did you mean "echo"?); available: echo`. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  return `There is no ${kind} "${name}"${didYouMean(name, known)}; available: ${known.join(', ')}`;
}
