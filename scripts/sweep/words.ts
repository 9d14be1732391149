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

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

/** The words of `pdftotext -bbox` that lie on their page: a printer's notes around it are not seen. */
export function wordsOnPages(xhtml: string): string {
  const words: string[] = [];
  let [width, height] = [0, 0];
  for (const line of xhtml.split('\n')) {
    const page = /<page width="([\d.]+)" height="([\d.]+)"/.exec(line);
    if (page) [width, height] = [Number(page[1]), Number(page[2])];
    const word = /xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">(.*)<\/word>/.exec(line);
    if (!word) continue;
    const middle = (from?: string, to?: string) => (Number(from) + Number(to)) / 2;
    const [x, y] = [middle(word[1], word[3]), middle(word[2], word[4])];
    if (x < 0 || y < 0 || x > width || y > height) continue;
    words.push((word[5] ?? '').replace(/&\w+;/g, (entity) => entities[entity] ?? entity));
  }
  return words.join(' ');
}

const normal = (text: string) => text.normalize('NFKC').toLowerCase();
