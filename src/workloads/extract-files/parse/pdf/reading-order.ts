import type { Glyph } from './glyphs.ts';

/** Letters of scripts that are written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and their relatives. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const arabicDigit = /[\u0660-\u0669\u06f0-\u06f9]/;
/** Marks that stand over or under a letter. */
const mark = /^\p{M}+$/u;
/** Between the digits of one number, or right beside it. */
const inNumber = /^[.,:/\u066b\u066c]$/;
const besideNumber = /^[%$€£¥₪\u066a]$/;
/** Before a number; after a letter, as in `ל-12`, it joins the two. */
const sign = /^[+-]$/;
/** As a share of the size of the letters: a wider gap divides words; a line that is further up or down is another one. */
const wordGap = 0.15;
const lineGap = 0.5;
const brackets: Readonly<Record<string, string>> = {
  '(': ')',
  ')': '(',
  '[': ']',
  ']': '[',
  '{': '}',
  '}': '{',
  '«': '»',
  '»': '«',
};

export const hasRightToLeft = (text: string): boolean => rightToLeft.test(text);

/** What stands at one place of a line: a letter with its marks, a digit, or whatever stands between words. */
interface Piece {
  text: string;
  start: number;
  end: number;
  size: number;
  kind: 'right-to-left' | 'left-to-right' | 'number' | 'neutral';
}

/**
 * The lines of a page in the order in which they are read. On paper the letters are wherever they were drawn: each line
 * is sorted from left to right, and the runs that are read from right to left are turned around (after UAX #9, with
 * what is left of a line in print).
 */
export function readingOrder(glyphs: readonly Glyph[]): string {
  return linesOf(glyphs).map(textOfLine).join('\n');
}

function linesOf(glyphs: readonly Glyph[]): Glyph[][] {
  const lines: Glyph[][] = [];
  let base: Glyph | undefined;
  for (const glyph of glyphs) {
    const line = lines.at(-1);
    const continues =
      base !== undefined &&
      base.angle === glyph.angle &&
      (mark.test(glyph.text) ||
        Math.abs(base.across - glyph.across) < lineGap * Math.max(base.size, glyph.size));
    if (line && continues) line.push(glyph);
    else lines.push([glyph]);
    if (!mark.test(glyph.text) || !continues) base = glyph;
  }
  return lines;
}

function textOfLine(line: readonly Glyph[]): string {
  const pieces = line
    .filter(({ text }) => !mark.test(text))
    .map(({ text, start, end, size }): Piece => ({ text, start, end, size, kind: kindOf(text) }))
    .sort((a, b) => a.start - b.start);
  for (const glyph of line) if (mark.test(glyph.text)) addMark(pieces, glyph);
  const spaced = withBlanks(pieces);
  joinWords(spaced);
  return inOrder(spaced);
}

function kindOf(text: string): Piece['kind'] {
  if (/\p{Nd}/u.test(text) || arabicDigit.test(text)) return 'number';
  if (/\p{L}/u.test(text.replaceAll(new RegExp(rightToLeft, 'gu'), ''))) return 'left-to-right';
  return rightToLeft.test(text) ? 'right-to-left' : 'neutral';
}

/** A mark belongs to the letter that it stands over. */
function addMark(pieces: readonly Piece[], { text, start, end }: Glyph): void {
  const middle = (start + end) / 2;
  const distance = (piece: Piece) => Math.max(piece.start - middle, middle - piece.end, 0);
  const letters = pieces.filter(({ kind }) => kind === 'right-to-left' || kind === 'left-to-right');
  const nearest = letters.reduce<Piece | undefined>(
    (best, piece) => (best && distance(best) <= distance(piece) ? best : piece),
    undefined,
  );
  if (nearest) nearest.text += text;
}

/** Puts a blank where there is a gap. */
function withBlanks(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  let end = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    const isGap = piece.start - end > wordGap * piece.size;
    if (isGap) all.push({ ...piece, text: ' ', start: end, end: piece.start, kind: 'neutral' });
    all.push(piece);
    end = Math.max(end === Number.POSITIVE_INFINITY ? piece.end : end, piece.end);
  }
  return all;
}

/** A letter within a word that fonts name wrongly is read as the letters around it. */
function joinWords(pieces: readonly Piece[]): void {
  for (const [at, piece] of pieces.entries()) {
    if (piece.kind !== 'left-to-right' || pieces[at - 1]?.kind !== 'right-to-left') continue;
    const end = pieces.findIndex(({ kind }, index) => index > at && kind !== 'left-to-right');
    if (pieces[end]?.kind !== 'right-to-left') continue;
    for (const within of pieces.slice(at, end)) within.kind = 'right-to-left';
  }
}

/** From left to right as printed → as it is read. */
function inOrder(pieces: readonly Piece[]): string {
  const count = (kind: Piece['kind']) => pieces.filter((piece) => piece.kind === kind).length;
  if (count('right-to-left') === 0) return pieces.map(({ text }) => text).join('');
  const base = count('right-to-left') >= count('left-to-right') ? 1 : 0;
  const levels = levelsOf(pieces, base);
  const order = pieces.map((piece, at) => ({ piece, level: levels[at] ?? base }));
  for (let level = 2; level > 0; level -= 1) reverseRuns(order, level);
  return mirrored(order.map(({ piece, level }) => ({ text: piece.text, level }))).join('');
}

/** Odd levels are read from right to left, even ones from left to right. */
function levelsOf(pieces: readonly Piece[], base: 0 | 1): number[] {
  const strong = pieces.map(({ kind }) => strongLevel(kind, base));
  joinNumbers(pieces, strong);
  const levels: number[] = [];
  for (const [at, own] of strong.entries()) {
    if (own !== undefined) {
      levels.push(own);
      continue;
    }
    // What is neutral belongs to both its neighbours if they are read the same way; a number goes with either.
    const before = strong.slice(0, at).findLast((level) => level !== undefined) ?? base;
    const after = strong.slice(at + 1).find((level) => level !== undefined) ?? base;
    const isWithin = before === after || (base === 0 && before > 0 && after > 0);
    levels.push(isWithin && !betweenNumbers(pieces, at) ? Math.min(before, after) : base);
  }
  return levels;
}

function strongLevel(kind: Piece['kind'], base: 0 | 1): number | undefined {
  if (kind === 'neutral') return undefined;
  if (kind === 'right-to-left') return 1;
  return kind === 'number' ? 2 : base === 1 ? 2 : 0;
}

/** Signs within and beside a number are part of it. */
function joinNumbers(pieces: readonly Piece[], levels: (number | undefined)[]): void {
  const isNumber = (at: number) => pieces[at]?.kind === 'number';
  for (const [at, { text }] of pieces.entries()) {
    const within = inNumber.test(text) && isNumber(at - 1) && isNumber(at + 1);
    const beside = besideNumber.test(text) && (isNumber(at - 1) || isNumber(at + 1));
    const isSign = sign.test(text) && isNumber(at + 1) && pieces[at - 1]?.kind !== 'right-to-left';
    if (within || beside || isSign) levels[at] = 2;
  }
}

/** Two numbers with a blank between them are read one after the other, in the direction of the line. */
function betweenNumbers(pieces: readonly Piece[], at: number): boolean {
  const before = pieces.slice(0, at).findLast(({ kind }) => kind !== 'neutral');
  const after = pieces.slice(at + 1).find(({ kind }) => kind !== 'neutral');
  return before?.kind === 'number' && after?.kind === 'number';
}

function reverseRuns<Item extends { level: number }>(items: Item[], least: number): void {
  for (let start = 0; start < items.length; start += 1) {
    let end = start;
    while ((items[end]?.level ?? 0) >= least) end += 1;
    const run = items.slice(start, end).reverse();
    items.splice(start, run.length, ...run);
    start = Math.max(start, end - 1);
  }
}

/**
 * Some programs name brackets after their shape instead of their meaning: then the first that is read is a closing one,
 * and all of them are exchanged.
 */
function mirrored(pieces: readonly { text: string; level: number }[]): string[] {
  const turned = pieces.filter(({ text, level }) => level === 1 && brackets[text] !== undefined);
  const isByShape = /^[)\]}»]/.test(turned[0]?.text ?? '');
  return pieces.map(({ text, level }) => (isByShape && level === 1 ? (brackets[text] ?? text) : text));
}
