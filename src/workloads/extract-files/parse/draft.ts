import type { Section, Warning } from '../document.ts';

/** Characters of text to keep from a file: about 1,000 pages. */
export const maxTextChars = 2_000_000;
/** Most sections to list. */
const maxSections = 100;
const maxTitleChars = 200;
/** Most kinds of content to name in the warning about what is left out. */
const maxLeftOut = 10;

/** Receives a parser's output. Keeps only what is needed: a parser may stop once the draft is `full`. */
export class Draft {
  title: string | undefined;
  pages: number | undefined;
  readonly sections: Section[] = [];
  readonly warnings: Warning[] = [];
  readonly #leftOut = new Set<string>();
  #text: string[] = [];
  #chars = 0;
  readonly #maxChars: number;

  constructor(maxChars = maxTextChars) {
    this.#maxChars = maxChars;
  }

  get full(): boolean {
    return this.#chars >= this.#maxChars;
  }

  get text(): string {
    // A table may begin with an empty cell, which is a tab.
    return this.#text.join('').replace(/^\n+/, '').trimEnd();
  }

  /** A paragraph or, with `gap` 1, a line that belongs to the one before. */
  write(text: string, gap: 1 | 2 = 2): void {
    this.#add(tidy(text), gap);
  }

  /**
   * A row of a table, with tabs between the cells. Empty cells keep their places, except after the last that is not
   * empty.
   */
  row(cells: readonly string[], gap: 1 | 2 = 1): void {
    this.#add(
      cells
        .map((cell) => tidy(cell).replace(/[\n\t]+/g, ' '))
        .join('\t')
        .trimEnd(),
      gap,
    );
  }

  #add(clean: string, gap: 1 | 2): void {
    if (clean === '' || this.full) return;
    const piece = `${'\n'.repeat(gap)}${clean}`;
    const left = this.#maxChars - this.#chars;
    this.#text.push(piece.length > left ? piece.slice(0, left).toWellFormed() : piece);
    this.#chars += Math.min(piece.length, left);
    if (this.full) {
      this.warn('TEXT_CUT', `Only the first ${this.#maxChars} characters of the text are kept`);
    }
  }

  heading(title: string, level: number, page?: number): void {
    const clean = tidy(title).replace(/\s+/g, ' ');
    if (clean === '') return;
    this.write(clean);
    this.section(clean, level, page);
  }

  /** A section whose title is not in the text, such as a sheet. */
  section(title: string, level: number, page?: number): void {
    if (this.sections.length >= maxSections) return;
    this.sections.push({ title: title.slice(0, maxTitleChars), level, ...(page !== undefined && { page }) });
  }

  /** Notes content that is not read, such as "headers and footers". All of it becomes one warning. */
  leaveOut(what: string): void {
    this.#leftOut.add(what);
    const named = [...this.#leftOut].slice(0, maxLeftOut);
    const more = this.#leftOut.size - named.length;
    const message = `Left out: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    const known = this.warnings.find(({ code }) => code === 'CONTENT_LEFT_OUT');
    if (known) known.message = message;
    else this.warn('CONTENT_LEFT_OUT', message);
  }

  warn(code: Warning['code'], message: string): void {
    if (!this.warnings.some((warning) => warning.code === code)) this.warnings.push({ code, message });
  }
}

/** Collapses runs of blanks and drops characters that do not belong in text. */
function tidy(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zs}\u200b\ufeff]/gu, (character) =>
      character === '\n' || character === '\t' ? character : ' ',
    )
    .replace(/ {2,}/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
