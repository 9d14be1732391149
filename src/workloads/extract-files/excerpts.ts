import { beginning, excerptChars } from './parse/beginning.ts';
import { fairShare } from './shares.ts';

/** At least the first `chars` characters of a text, or all of a shorter one; undefined if it cannot be read. */
export type ReadText = (key: string, chars: number) => Promise<string | undefined>;

/** A file's part of a merged context. */
export interface Piece {
  folder: string;
  text: string;
}

/** A file that may get a part. It holds no more of the text than the outcome does. */
interface Entry {
  folder: string;
  head: string;
  excerpt: string;
  /** Length of the whole text. */
  chars: number;
  textKey: string;
}

/** A shorter part says nothing: once parts would be shorter, further files are only counted. */
const leastChars = 100;

/** The files' texts, with no more than `maxChars` characters together. */
export interface Excerpts {
  add(entry: Entry): void;
  /**
   * Short texts in full, the others cut to the same length. Reads one text at a time, and only to get more than its
   * excerpt.
   */
  pieces(readText: ReadText): Promise<Piece[]>;
}

/** Keeps about twice `maxChars` characters, for any number of files. */
export function createExcerpts(maxChars: number): Excerpts {
  const entries: Entry[] = [];
  let held = 0;
  let cap = maxChars;
  const shareOf = (total: number) =>
    fairShare(
      entries.map(({ chars }) => chars),
      total,
    );

  return {
    add(entry) {
      if ((entries.length + 1) * leastChars > maxChars) return;
      const excerpt = beginning(entry.excerpt, cap);
      entries.push({ ...entry, excerpt });
      held += excerpt.length;
      if (held <= 2 * maxChars) return;
      // There is too much text already, so no text gets more than this.
      cap = shareOf(maxChars);
      for (const one of entries) one.excerpt = beginning(one.excerpt, cap);
      held = entries.reduce((sum, { excerpt }) => sum + excerpt.length, 0);
    },

    async pieces(readText) {
      const heads = entries.reduce((sum, { head }) => sum + head.length + separator.length + 2, 0);
      const share = shareOf(Math.max(0, maxChars - heads));
      const pieces: Piece[] = [];
      let left = maxChars;
      for (const { folder, head, excerpt, chars, textKey } of entries) {
        // One more character shows that the text continues.
        const more = Math.min(chars, share) > excerptChars ? await readText(textKey, share + 1) : undefined;
        const text = head + beginning(more ?? excerpt, share);
        left -= text.length + separator.length;
        if (left >= 0) pieces.push({ folder, text });
      }
      return pieces;
    },
  };
}

/** Between the pieces of a context. */
export const separator = '\n\n';
