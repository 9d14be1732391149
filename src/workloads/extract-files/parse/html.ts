import { Parser } from 'htmlparser2';
import { decodeText } from './decode-text.ts';
import type { Draft } from './draft.ts';

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));
/** Elements that are never shown. */
const hidden = names('script style noscript template svg math iframe object head title');
/** Elements that begin and end a line. */
const blocks = names(
  'address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form header hr html ' +
    'legend li main nav ol p pre section summary table tbody tfoot thead tr ul',
);
/** Blocks without a gap above them. */
const tight = names('li tr dd dt');
const heading = /^h[1-6]$/;
/** Characters to parse before checking whether the draft is full. */
const chunkChars = 64 * 1024;

/** The visible text of a page, without scripts and styles. */
export async function parseHtml(bytes: Uint8Array, draft: Draft): Promise<void> {
  const html = decodeText(bytes, draft, { htmlHint: true });
  const page = new PageVisitor(draft);
  const parser = new Parser({
    onopentag: (name) => page.open(name),
    ontext: (text) => page.text(text),
    onclosetag: (name) => page.close(name),
  });
  for (let at = 0; at < html.length && !draft.full; at += chunkChars) {
    parser.write(html.slice(at, at + chunkChars));
  }
  parser.end();
  page.endLine();
}

class PageVisitor {
  readonly #draft: Draft;
  #hiddenBy = 0;
  /** The first title is the page's; drawings may have titles too. */
  #title: 'none' | 'open' | 'read' = 'none';
  #line = '';
  #gap: 1 | 2 = 2;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  open(name: string): void {
    if (name === 'title' && this.#title === 'none') this.#title = 'open';
    if (hidden.has(name)) this.#hiddenBy += 1;
    if (this.#hiddenBy > 0) return;
    if (name === 'br') this.#line += '\n';
    else if (name === 'td' || name === 'th') this.#line += this.#line === '' ? '' : '\t';
    else if (blocks.has(name) || heading.test(name)) {
      this.endLine();
      if (tight.has(name)) this.#gap = 1;
      if (name === 'li') this.#line = '- ';
    }
  }

  text(text: string): void {
    if (this.#title === 'open') this.#draft.title = `${this.#draft.title ?? ''}${text}`;
    else if (this.#hiddenBy === 0) this.#line += text.replace(/\s+/g, ' ');
  }

  close(name: string): void {
    if (name === 'title' && this.#title === 'open') this.#title = 'read';
    if (hidden.has(name)) this.#hiddenBy = Math.max(0, this.#hiddenBy - 1);
    if (this.#hiddenBy > 0) return;
    if (heading.test(name)) {
      this.#draft.heading(this.#line, Number(name[1]));
      this.#line = '';
    } else if (blocks.has(name)) this.endLine();
  }

  endLine(): void {
    this.#draft.write(this.#line, this.#gap);
    this.#line = '';
    this.#gap = 2;
  }
}
