import { Readable } from 'node:stream';
import type { Package } from '../../../core/formats/xlsx/package.ts';
import type { Attributes, XmlVisitor } from '../../../core/formats/xlsx/xml.ts';
import { ExtractError } from '../extract-error.ts';
import type { Draft } from './draft.ts';
import { attribute, readPackage, visitPart } from './office.ts';
import { cellTexts, TableReader } from './table.ts';

/** The text of an OpenDocument file: a text with its headings and tables, sheets, or slides with their notes. */
export async function parseOdf(bytes: Uint8Array, draft: Draft): Promise<void> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const read = async (parts: Package) => {
    await refuseEncrypted(parts);
    // Always opened: without this part it is no document.
    (await parts.open('content.xml')).destroy();
    draft.title = await titleOf(parts);
    const visitor = new OdfVisitor(draft);
    await visitPart(parts, 'content.xml', visitor, () => draft.full);
    visitor.end();
    await nameMargins(parts, draft);
  };
  await (isZip ? readPackage(bytes, read) : readPackage(bytes, read, inOneFile));
}

/** A document that is one XML file has all parts in it. */
async function inOneFile(source: string | Buffer): Promise<Package> {
  const parts = new Set(['content.xml', 'styles.xml', 'meta.xml']);
  return {
    has: (name) => parts.has(name),
    open: async () => Readable.from([source]),
    close: () => undefined,
  };
}

/** Headers and footers are not read. */
async function nameMargins(parts: Package, draft: Draft): Promise<void> {
  let depth = 0;
  await visitPart(parts, 'styles.xml', {
    open(name) {
      if (depth > 0 || /^(header|footer)(-left|-first)?$/.test(name)) depth += 1;
    },
    text(text) {
      if (depth > 0 && /\p{L}/u.test(text)) draft.leaveOut('headers and footers');
    },
    close() {
      if (depth > 0) depth -= 1;
    },
  });
}

async function refuseEncrypted(parts: Package): Promise<void> {
  let encrypted = false;
  await visitPart(parts, 'META-INF/manifest.xml', {
    open(name) {
      encrypted ||= name === 'encryption-data';
    },
  });
  if (encrypted) {
    throw new ExtractError('FILE_ENCRYPTED', 'The file has a password: save it without one');
  }
}

async function titleOf(parts: Package): Promise<string | undefined> {
  let title = '';
  let inMeta = false;
  let within = false;
  await visitPart(parts, 'meta.xml', {
    open: (name) => {
      inMeta ||= name === 'meta';
      within = inMeta && name === 'title';
    },
    text: (text) => {
      if (within) title += text;
    },
    close: (name) => {
      within = false;
      if (name === 'meta') inMeta = false;
    },
  });
  return title.trim() || undefined;
}

interface Paragraph {
  text: string;
  level: number | undefined;
}

/**
 * Deleted text, the numbers of notes, what stands over the text to help with reading it, descriptions of pictures,
 * and what a document that is one file has beside its text.
 */
const skipped = new Set(
  (
    'tracked-changes note-citation ruby-text page-thumbnail title desc meta master-styles scripts settings ' +
    'binary-data'
  ).split(' '),
);
/** Words of their own that are left out, and what to call them. */
const leftOut: Readonly<Record<string, string>> = {
  annotation: 'comments',
  object: 'charts and embedded files',
};
/** Frames with the same text on every slide. */
const furniture = new Set(['footer', 'header', 'date-time', 'page-number']);
/** Where the value of a cell is if the file does not say how it is shown. */
const values = ['string-value', 'value', 'date-value', 'time-value', 'boolean-value'];
/** How often a row is repeated at most: more of them say nothing new. */
const maxRepeats = 1_000;

class OdfVisitor implements XmlVisitor {
  readonly #draft: Draft;
  readonly #table = new TableReader();
  /** A stack, because notes and text boxes hold paragraphs within a paragraph. */
  readonly #paragraphs: Paragraph[] = [];
  /** Open elements from the one on that is skipped. */
  #skipping = 0;
  #style = '';
  readonly #hiddenSheets = new Set<string>();
  #hidden = 0;
  #sheetsLeftOut = 0;
  #isWorkbook = false;
  #slides = 0;
  #slide: { title: string; inTitle: boolean } | undefined;
  /** The cell at hand: how often it is repeated, and its value if it has no text. */
  #cell = { times: 1, value: '', hasText: false };
  #rowTimes = 1;
  #firstOfTable = false;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  open(name: string, attributes: Attributes): void {
    const what = leftOut[name];
    if (what !== undefined && this.#skipping === 0) this.#draft.leaveOut(what);
    if (this.#skipping > 0 || skipped.has(name) || what !== undefined) {
      this.#skipping += 1;
      return;
    }
    const number = (attributeName: string) => Number(attribute(attributes, attributeName)) || 1;
    const paragraph = this.#paragraphs.at(-1);
    switch (name) {
      case 'style':
        this.#style = attribute(attributes, 'name') ?? '';
        break;
      case 'table-properties':
        if (attribute(attributes, 'display') === 'false') this.#hiddenSheets.add(this.#style);
        break;
      case 'spreadsheet':
        this.#isWorkbook = true;
        break;
      case 'table':
        this.#startTable(attributes);
        break;
      case 'table-row':
        this.#rowTimes = number('number-rows-repeated');
        this.#table.startRow();
        break;
      case 'covered-table-cell':
      case 'table-cell': {
        const value = values.map((one) => attribute(attributes, one)).find((one) => one !== undefined);
        this.#cell = { times: number('number-columns-repeated'), value: value ?? '', hasText: false };
        this.#table.startCell();
        break;
      }
      case 'page':
        this.#slides += 1;
        this.#draft.pages = this.#slides;
        this.#slide = { title: '', inTitle: false };
        break;
      case 'frame':
        this.#startFrame(attribute(attributes, 'class') ?? '');
        break;
      case 'h':
        this.#paragraphs.push({ text: '', level: number('outline-level') });
        break;
      case 'p':
        this.#paragraphs.push({ text: '', level: undefined });
        break;
      case 's':
        if (paragraph) paragraph.text += ' ';
        break;
      case 'tab':
        if (paragraph) paragraph.text += '\t';
        break;
      case 'line-break':
        if (paragraph) paragraph.text += '\n';
    }
  }

  text(text: string): void {
    const paragraph = this.#paragraphs.at(-1);
    if (this.#skipping === 0 && paragraph) paragraph.text += text.replace(/\s+/g, ' ');
  }

  close(name: string): void {
    if (this.#skipping > 0) {
      this.#skipping -= 1;
      return;
    }
    if (name === 'p' || name === 'h') this.#endParagraph();
    else if (name === 'table-cell' || name === 'covered-table-cell') this.#endCell();
    else if (name === 'table-row') this.#endRow();
    else if (name === 'page') this.#endSlide();
    else if (name === 'table' && this.#hidden > 0) this.#hidden -= 1;
    else if (name === 'frame' && this.#slide) this.#slide.inTitle = false;
  }

  end(): void {
    if (this.#sheetsLeftOut === 0) return;
    this.#draft.warn('SHEETS_HIDDEN', `Hidden sheets are left out: ${this.#sheetsLeftOut}`);
  }

  #startTable(attributes: Attributes): void {
    this.#firstOfTable = !this.#isWorkbook;
    const isHidden = this.#hiddenSheets.has(attribute(attributes, 'style-name') ?? '');
    if (isHidden) this.#sheetsLeftOut += 1;
    if (isHidden || this.#hidden > 0) this.#hidden += 1;
    else if (this.#isWorkbook && this.#table.depth === 0) {
      this.#draft.pages = (this.#draft.pages ?? 0) + 1;
      this.#draft.heading(attribute(attributes, 'name') ?? '', 1);
    }
  }

  #startFrame(kind: string): void {
    if (furniture.has(kind)) this.#skipping += 1;
    else if (this.#slide) this.#slide.inTitle = kind === 'title';
  }

  #endParagraph(): void {
    const { text, level } = this.#paragraphs.pop() ?? { text: '', level: undefined };
    if (this.#hidden > 0) return;
    if (this.#slide?.inTitle) this.#slide.title = `${this.#slide.title} ${text}`.replace(/\s+/g, ' ').trim();
    if (this.#table.depth > 0) {
      this.#cell.hasText ||= text.trim() !== '';
      this.#table.add(text);
    } else if (level !== undefined) this.#draft.heading(text, level);
    else this.#draft.write(text, this.#slide && !this.#slide.inTitle ? 1 : 2);
  }

  #endCell(): void {
    const { times, value, hasText } = this.#cell;
    if (!hasText && value !== '') this.#table.add(value);
    this.#table.repeat(times);
    this.#cell = { times: 1, value: '', hasText: false };
  }

  #endRow(): void {
    const cells = cellTexts(this.#table.endRow());
    if (this.#table.depth > 0) this.#table.add(cells.join(' '));
    else if (this.#hidden === 0 && cells.some((cell) => cell.trim() !== '')) {
      for (let left = Math.min(this.#rowTimes, maxRepeats); left > 0 && !this.#draft.full; left -= 1) {
        this.#draft.row(cells, this.#firstOfTable ? 2 : 1);
        this.#firstOfTable = false;
      }
    }
    this.#rowTimes = 1;
  }

  #endSlide(): void {
    if (this.#slide) this.#draft.section(this.#slide.title || `Slide ${this.#slides}`, 1, this.#slides);
    this.#slide = undefined;
  }
}
