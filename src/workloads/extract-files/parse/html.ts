import { Parser } from 'htmlparser2';
import { decodeText } from './decode-text.ts';
import type { Draft } from './draft.ts';
import { TableReader } from './table.ts';

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));
/** Elements that are never shown. */
const hidden = names('script style noscript template svg math iframe object head title rp rt');
const notDisplayed = /(^|;)\s*display\s*:\s*none/i;
/** Elements that begin and end a line. */
const blocks = names(
  'address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form header hr html ' +
    'legend li main nav ol option p pre section select summary table tbody textarea tfoot thead tr ul',
);
/** Blocks without a gap above them. */
const tight = names('li tr dd dt option textarea');
/** They stand beside what is around them, but are not part of a word. */
const apart = names('button label output');
const heading = /^h[1-6]$/;
/** Before a point of a list. */
const dash = '- ';
/** Characters to parse before checking whether the draft is full. */
const chunkChars = 64 * 1024;
/** Most columns and rows that a cell may span (HTML, "Attributes common to td and th elements"). */
const maxColumnSpan = 1_000;
const maxRowSpan = 65_534;

/** The visible text of a page, without scripts and styles. */
export async function parseHtml(bytes: Uint8Array, draft: Draft): Promise<void> {
  readHtml(decodeText(bytes, draft, { htmlHint: true }), draft);
}

/** Adds the visible text of a page to the draft. */
export function readHtml(html: string, draft: Draft): void {
  const page = new PageVisitor(draft);
  const parser = new Parser(
    {
      onopentag: (name, attributes) => page.open(name, attributes),
      ontext: (text) => page.text(text),
      onclosetag: (name) => page.close(name),
    },
    // XHTML may write an element without content as `<title/>`.
    { recognizeSelfClosing: /^\s*<\?xml\b/.test(html) },
  );
  for (let at = 0; at < html.length && !draft.full; at += chunkChars) {
    parser.write(html.slice(at, at + chunkChars));
  }
  parser.end();
  page.endLine();
}

type Attributes = Readonly<Record<string, string>>;

/** A line of the page: a paragraph, a heading, or a row of a table with its cells. */
interface Line {
  text: string;
  gap: 1 | 2;
  level?: number;
  cells?: readonly string[];
}

class PageVisitor {
  readonly #draft: Draft;
  readonly #table = new TableReader<Line>();
  /** For each column of the outermost table: rows that a cell further up still reaches into, the present one included. */
  #reaching: number[] = [];
  /** Open elements from the one on that is hidden. */
  #hiddenBy = 0;
  /** The first title is the page's, unless the page is part of a document that has one; drawings may have titles too. */
  #title: 'none' | 'open' | 'read';
  #line = '';
  #gap: 1 | 2 = 2;

  constructor(draft: Draft) {
    this.#draft = draft;
    this.#title = draft.title === undefined ? 'none' : 'read';
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'title' && this.#title === 'none') this.#title = 'open';
    const isHidden = hidden.has(name) || 'hidden' in attributes || notDisplayed.test(attributes.style ?? '');
    if (this.#hiddenBy > 0 || isHidden) {
      this.#hiddenBy += 1;
      return;
    }
    if (name === 'br') this.#line += '\n';
    else if (apart.has(name)) this.#line += ' ';
    else if (name === 'td' || name === 'th') this.#startCell(attributes);
    else if (blocks.has(name) || heading.test(name)) {
      // A paragraph within a point of a list stands beside its dash.
      if (this.#line !== dash || name === 'li') this.endLine();
      if (name === 'tr') this.#table.startRow();
      if (name === 'table' && this.#table.depth === 0) this.#reaching = [];
      if (tight.has(name)) this.#gap = 1;
      if (name === 'li') this.#line = dash;
    }
  }

  text(text: string): void {
    if (this.#title === 'open') this.#draft.title = `${this.#draft.title ?? ''}${text}`;
    else if (this.#hiddenBy === 0) this.#line += text.replace(/\s+/g, ' ');
  }

  close(name: string): void {
    if (name === 'title' && this.#title === 'open') this.#title = 'read';
    if (this.#hiddenBy > 0) {
      this.#hiddenBy -= 1;
      return;
    }
    if (apart.has(name)) this.#line += ' ';
    else if (heading.test(name)) this.#endHeading(Number(name[1]));
    else if (name === 'tr') this.#endRow();
    else if (blocks.has(name) || name === 'td' || name === 'th') this.endLine();
  }

  endLine(): void {
    this.#put({ text: this.#line, gap: this.#gap });
    this.#line = '';
    this.#gap = 2;
  }

  #endHeading(level: number): void {
    this.#put({ text: this.#line, gap: 2, level });
    this.#line = '';
  }

  /** Lines within a table wait until its row is known. */
  #put(line: Line): void {
    if (line.text.trim() === '' && !line.cells) return;
    if (this.#table.depth > 0) this.#table.add(line);
    else if (line.cells) this.#draft.row(line.cells);
    else if (line.level !== undefined) this.#draft.heading(line.text, line.level);
    else this.#draft.write(line.text, line.gap);
  }

  #startCell(attributes: Attributes): void {
    this.endLine();
    if (this.#table.depth === 1) this.#skipReached();
    const at = this.#table.columns;
    this.#table.startCell();
    const columns = span(attributes.colspan, maxColumnSpan);
    const rows = span(attributes.rowspan, maxRowSpan);
    this.#table.widen(columns);
    if (rows === 1 || this.#table.depth > 1) return;
    this.#reaching.length = Math.max(this.#reaching.length, at + columns);
    this.#reaching.fill(rows, at, at + columns);
  }

  /** Cells of rows above take their places in this row. */
  #skipReached(): void {
    let columns = 0;
    while ((this.#reaching[this.#table.columns + columns] ?? 0) > 0) columns += 1;
    this.#table.skip(columns);
  }

  #endRow(): void {
    this.endLine();
    const cells = this.#table.endRow();
    if (this.#table.depth === 0) {
      this.#reaching = Array.from(this.#reaching, (rows = 0) => Math.max(0, rows - 1));
    }
    // A table that only arranges the page: its lines are those of a page.
    if (isLayout(cells)) for (const line of cells.flat()) this.#put(line);
    else
      this.#put({ text: '', gap: 1, cells: cells.map((lines) => lines.map(({ text }) => text).join(' ')) });
  }
}

/** Whether a row arranges parts of the page: a cell has a heading or a table, or all the text in several paragraphs. */
function isLayout(cells: readonly (readonly Line[])[]): boolean {
  const filled = cells.filter((lines) => lines.length > 0);
  if (filled.length === 1 && filled.flat().length > 1) return true;
  return filled.flat().some((line) => line.cells !== undefined || line.level !== undefined);
}

function span(attribute: string | undefined, most: number): number {
  const count = Number.parseInt(attribute ?? '1', 10);
  return Number.isNaN(count) ? 1 : Math.min(Math.max(1, count), most);
}
