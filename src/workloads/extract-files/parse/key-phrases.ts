import * as stopwords from 'stopword';
import { wordsOf } from './words.ts';

/** Characters at the beginning of a text that are searched for phrases. */
const sampleChars = 200_000;
const most = 10;
const longestPhrase = 4;

/**
 * The subjects of a text, the most telling first. After RAKE (Rose et al., "Automatic keyword extraction from
 * individual documents", 2010): phrases are runs of words without stop words; a word counts for more the longer the
 * phrases that contain it. A phrase's score is weighted by how often it occurs, so that a single long mention does
 * not win.
 */
export function keyPhrases(text: string, language: string | undefined): string[] {
  const found = candidates(text.slice(0, sampleChars), stopWords(language));
  const frequency = new Map<string, number>();
  const degree = new Map<string, number>();
  for (const { words, count } of found.values()) {
    for (const word of words) {
      frequency.set(word, (frequency.get(word) ?? 0) + count);
      degree.set(word, (degree.get(word) ?? 0) + count * words.length);
    }
  }
  const weight = (word: string) => (degree.get(word) ?? 0) / (frequency.get(word) ?? 1);
  const ranked = [...found.values()]
    .map((one) => ({ ...one, score: one.count * one.words.reduce((sum, word) => sum + weight(word), 0) }))
    .sort((a, b) => b.score - a.score || (a.phrase < b.phrase ? -1 : 1));
  const kept: string[] = [];
  for (const { phrase } of ranked) {
    // A part of a phrase that is already kept says nothing new.
    if (!kept.some((other) => ` ${other} `.includes(` ${phrase} `))) kept.push(phrase);
    if (kept.length === most) break;
  }
  return kept;
}

interface Candidate {
  phrase: string;
  words: string[];
  count: number;
}

function candidates(text: string, stop: ReadonlySet<string>): Map<string, Candidate> {
  const found = new Map<string, Candidate>();
  let run: string[] = [];
  const end = () => {
    if (run.length > 0 && run.length <= longestPhrase) {
      const phrase = run.join(' ');
      const known = found.get(phrase);
      if (known) known.count += 1;
      else found.set(phrase, { phrase, words: run, count: 1 });
    }
    run = [];
  };
  for (const { text: raw, joined } of wordsOf(text, undefined)) {
    const word = raw.toLowerCase();
    if (!joined) end();
    if (stop.has(word) || word.length < 2 || !/\p{L}/u.test(word)) end();
    else run.push(word);
  }
  end();
  return found;
}

const none: ReadonlySet<string> = new Set();
const lists = new Map<string, ReadonlySet<string>>();

function stopWords(language = 'eng'): ReadonlySet<string> {
  const known = lists.get(language);
  if (known) return known;
  const list = (stopwords as unknown as Record<string, unknown>)[language === 'cmn' ? 'zho' : language];
  const words = Array.isArray(list) ? new Set<string>(list) : none;
  lists.set(language, words);
  return words;
}
