import { posix } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Outcome } from '../../core/jobs/model/job.ts';
import type { Summary } from '../../core/jobs/workload.ts';
import { createExcerpts, type ReadText, separator } from './excerpts.ts';
import { foldersOf } from './folders.ts';
import type { ExtractedFile } from './outcome.ts';

/** The merged files of a folder and its subfolders, or of the whole job. */
export interface Merged {
  files: number;
  failed: number;
  words: number;
  /** Files by language, without those of unknown language. */
  languages: Record<string, number>;
  /** Phrases found in the most files come first. */
  keyPhrases: string[];
  /** The files' texts one after the other, each under its name; cut so that together they fit the limit. */
  context: string;
}

/** `summary.json`. A folder's context is its part of the job's. */
export interface FilesSummary extends Merged {
  /** By path; a folder's files count in the folders above it too. `.` holds files outside all folders. */
  folders: ({ folder: string } & Merged)[];
  /** Why files have no text, for the first of them. */
  failures: { name: string; code: string; message: string }[];
}

const maxFailures = 1_000;
const maxPhrases = 20;

interface Tally {
  files: number;
  failed: number;
  words: number;
  languages: Map<string, number>;
  phrases: Map<string, number>;
}

/** Merges a job's files. Keeps about twice the context's characters, for any number of files. */
export function summarize(maxChars: number, readText: ReadText): Summary<ExtractedFile> {
  /** Tallies of the files directly in each folder. */
  const tallies = new Map<string, Tally>();
  const failures: FilesSummary['failures'] = [];
  const excerpts = createExcerpts(maxChars);

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
      const { words, language, keyPhrases, title, excerpt, characters, text } = outcome.output;
      tally.words += words;
      if (language !== null) count(tally.languages, language, 1);
      for (const phrase of keyPhrases) count(tally.phrases, phrase, 1);
      const head = `# ${name}${title ? ` (${title})` : ''}\n`;
      excerpts.add({ folder, head, excerpt, chars: characters, textKey: text.key });
    },

    async result(): Promise<FilesSummary> {
      const pieces = await excerpts.pieces(readText);
      const piecesIn = Map.groupBy(pieces.entries(), ([, { folder }]) => folder);
      /** Merges the files directly in these folders. */
      const merged = (folders: readonly string[]): Merged => {
        const { files, failed, words, languages, phrases } = folders
          .map((folder) => tallies.get(folder) ?? emptyTally())
          .reduce(add, emptyTally());
        const texts = folders
          .flatMap((folder) => piecesIn.get(folder) ?? [])
          .sort(([a], [b]) => a - b)
          .map(([, { text }]) => text);
        return {
          ...{ files, failed, words },
          languages: Object.fromEntries(byCount(languages)),
          keyPhrases: byCount(phrases)
            .slice(0, maxPhrases)
            .map(([phrase]) => phrase),
          context: texts.join(separator),
        };
      };
      const folders: FilesSummary['folders'] = [];
      for (const { folder, within } of foldersOf([...tallies.keys()])) {
        folders.push({ folder, ...merged(within) });
        // Lets leases be renewed in between.
        await turn();
      }
      return { ...merged([...tallies.keys()]), folders, failures };
    },
  };
}

const emptyTally = (): Tally => ({ files: 0, failed: 0, words: 0, languages: new Map(), phrases: new Map() });

/** Adds one tally to a sum that has no other owner. */
function add(sum: Tally, one: Tally): Tally {
  for (const [language, n] of one.languages) count(sum.languages, language, n);
  for (const [phrase, n] of one.phrases) count(sum.phrases, phrase, n);
  sum.files += one.files;
  sum.failed += one.failed;
  sum.words += one.words;
  return sum;
}

function count(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n);
}

/** The most frequent first; among equals, the one that came first. */
const byCount = (counts: ReadonlyMap<string, number>) => [...counts].sort(([, a], [, b]) => b - a);
