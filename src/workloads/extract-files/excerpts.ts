import { beginning, excerptChars } from './parse/beginning.ts';
import { fairShare } from './shares.ts';

/** At least the first `chars` characters of a text, if it has so many; undefined where it cannot be read. */
export type ReadText = (key: string, chars: number) => Promise<string | undefined>;

/** A file's part of a merged context. */
export interface Piece {
  folder: string;
  text: string;
}

/** A file that may get a part: of its text no more is held than its outcome has. */
interface Entry {
  folder: string;
  head: string;
  excerpt: string;
  /** Of the whole text. */
  chars: number;
  textKey: string;
}

/** Less than this of a text says nothing: then later files are only counted. */
const leastChars = 100;

/** The files' texts as far as all together have no more than `maxChars` characters. */
export interface Excerpts {
  add(entry: Entry): void;
  /** Short texts whole, the others cut alike; read one at a time, and only what goes beyond the excerpts. */
  pieces(readText: ReadText): Promise<Piece[]>;
}

/** Keeps about twice `maxChars` characters, however many files there are. */
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
      // Of what is too much already, no text will get more than this.
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
        // One more shows that it goes on.
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
