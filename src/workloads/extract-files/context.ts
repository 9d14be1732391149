import { posix } from 'node:path';
import type { Outcome } from '../../jobs/job.ts';
import type { Summary } from '../../jobs/workload.ts';
import type { ExtractedFile } from './outcome.ts';
import { beginning } from './parse/beginning.ts';
import { fairShare } from './shares.ts';

/** What files have come to: of a folder, or all of them. */
export interface Merged {
  files: number;
  failed: number;
  words: number;
  /** Files by language; those of which it is not known are not counted. */
  languages: Record<string, number>;
  /** Those of most files first. */
  keyPhrases: string[];
  /** The files' texts one after the other, each under its name; cut so that all together fit the limit. */
  context: string;
}

/** `summary.json`. A folder's context is its part of the whole one. */
export interface FilesSummary extends Merged {
  folders: ({ folder: string } & Merged)[];
  /** Why files have no text: the first of them. */
  failures: { name: string; code: string; message: string }[];
}

const maxFailures = 1_000;
const maxPhrases = 20;
/** Less than this of a text says nothing: then later files are only counted. */
const leastChars = 100;

interface Entry {
  folder: string;
  head: string;
  text: string;
}

interface Tally {
  files: number;
  failed: number;
  words: number;
  languages: Map<string, number>;
  phrases: Map<string, number>;
}

/** Merges a job's files. Keeps about twice the characters of the context, however many files there are. */
export function summarize(maxChars: number): Summary<ExtractedFile> {
  const tallies = new Map<string, Tally>();
  const failures: FilesSummary['failures'] = [];
  const entries: Entry[] = [];
  let held = 0;
  let cap = maxChars;

  const keep = (folder: string, { name, title, excerpt }: ExtractedFile) => {
    if ((entries.length + 1) * leastChars > maxChars) return;
    const entry = { folder, head: `# ${name}${title ? ` (${title})` : ''}\n`, text: beginning(excerpt, cap) };
    entries.push(entry);
    held += entry.text.length;
    if (held <= 2 * maxChars) return;
    // Of what is too much already, no text will get more than this.
    cap = fairShare(
      entries.map(({ text }) => text.length),
      maxChars,
    );
    for (const one of entries) one.text = beginning(one.text, cap);
    held = entries.reduce((sum, { text }) => sum + text.length, 0);
  };

  return {
    add(outcome: Outcome<ExtractedFile>) {
      const name = outcome.status === 'succeeded' ? outcome.output.name : (outcome.itemId ?? '');
      const folder = posix.dirname(name);
      const tally = tallies.get(folder) ?? emptyTally();
      tallies.set(folder, tally);
      tally.files += 1;
      if (outcome.status === 'failed') {
        tally.failed += 1;
        const { code, message } = outcome.error;
        if (failures.length < maxFailures) failures.push({ name, code, message });
        return;
      }
      const { words, language, keyPhrases } = outcome.output;
      tally.words += words;
      if (language !== null) count(tally.languages, language, 1);
      for (const phrase of keyPhrases) count(tally.phrases, phrase, 1);
      keep(folder, outcome.output);
    },

    result(): FilesSummary {
      const pieces = cutToFit(entries, maxChars);
      const merged = (tally: Tally, folder?: string): Merged => ({
        files: tally.files,
        failed: tally.failed,
        words: tally.words,
        languages: Object.fromEntries(byCount(tally.languages)),
        keyPhrases: byCount(tally.phrases)
          .slice(0, maxPhrases)
          .map(([phrase]) => phrase),
        context: pieces
          .filter((piece) => folder === undefined || piece.folder === folder)
          .map(({ text }) => text)
          .join('\n\n'),
      });
      return {
        ...merged([...tallies.values()].reduce(sum, emptyTally())),
        folders: [...tallies].map(([folder, tally]) => ({ folder, ...merged(tally, folder) })),
        failures,
      };
    },
  };
}

/** The entries with their heads, all together no longer than `maxChars`: short ones whole, the others cut alike. */
function cutToFit(entries: readonly Entry[], maxChars: number): { folder: string; text: string }[] {
  const heads = entries.reduce((sum, { head }) => sum + head.length + 4, 0);
  const cap = fairShare(
    entries.map(({ text }) => text.length),
    Math.max(0, maxChars - heads),
  );
  let left = maxChars;
  return entries.flatMap(({ folder, head, text }) => {
    const piece = head + beginning(text, cap);
    left -= piece.length + 2;
    return left < 0 ? [] : [{ folder, text: piece }];
  });
}

const emptyTally = (): Tally => ({ files: 0, failed: 0, words: 0, languages: new Map(), phrases: new Map() });

function sum(all: Tally, one: Tally): Tally {
  for (const [language, n] of one.languages) count(all.languages, language, n);
  for (const [phrase, n] of one.phrases) count(all.phrases, phrase, n);
  return {
    ...all,
    files: all.files + one.files,
    failed: all.failed + one.failed,
    words: all.words + one.words,
  };
}

function count(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n);
}

/** Most often first; of two as often, the one that came first. */
const byCount = (counts: ReadonlyMap<string, number>) => [...counts].sort(([, a], [, b]) => b - a);
