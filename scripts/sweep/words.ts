/** How often each word occurs in a text: letters and digits, without regard to case and width. */
export function wordCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of normal(text).matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/**
 * The words of one text that another one lacks. A word that the other one has with a blank in it, or as part of a longer
 * one, is there: readers differ in where words end.
 */
export function missingWords(
  wanted: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
  text: string,
): { count: number; examples: string[] } {
  const letters = normal(text).replace(/[^\p{L}\p{N}\p{M}]+/gu, '');
  let count = 0;
  const examples: string[] = [];
  for (const [word, times] of wanted) {
    const lacking = times - (found.get(word) ?? 0);
    if (lacking <= 0 || letters.includes(word)) continue;
    count += lacking;
    if (examples.length < 8) examples.push(word);
  }
  return { count, examples };
}

const normal = (text: string) => text.normalize('NFKC').toLowerCase();
