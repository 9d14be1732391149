/** Languages that put no blanks between words. */
const unspaced = new Set(['cmn', 'jpn', 'tha', 'khm', 'lao', 'mya']);

const word = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’.-][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
/** The characters between two words of one phrase. */
const joint = /^[ \t-]?$/;

/** A word, and whether it directly follows the one before: no punctuation between them. */
export interface Word {
  text: string;
  joined: boolean;
}

/** The words of a text, in order. */
export function* wordsOf(text: string, language: string | undefined): Generator<Word> {
  let end = -1;
  const next = (found: string, at: number): Word => {
    const joined = end >= 0 && joint.test(text.slice(end, Math.min(at, end + 2)));
    end = at + found.length;
    return { text: found, joined };
  };
  if (language !== undefined && unspaced.has(language)) {
    const segmenter = new Intl.Segmenter(Intl.getCanonicalLocales(language), { granularity: 'word' });
    for (const { segment, index, isWordLike } of segmenter.segment(text)) {
      if (isWordLike) yield next(segment, index);
    }
  } else {
    for (const match of text.matchAll(word)) yield next(match[0], match.index);
  }
}

export function countWords(text: string, language: string | undefined): number {
  let count = 0;
  for (const _ of wordsOf(text, language)) count += 1;
  return count;
}
