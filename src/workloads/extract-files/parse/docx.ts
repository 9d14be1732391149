import { posix } from 'node:path';
import type { Package } from '../../../core/formats/xlsx/package.ts';
import { relationships } from '../../../core/formats/xlsx/workbook.ts';
import type { Attributes, XmlVisitor } from '../../../core/formats/xlsx/xml.ts';
import type { Draft } from './draft.ts';
import { attribute, mainPart, nameLeftOut, readDiagrams, readPackage, titleOf, visitPart } from './office.ts';
import { cellTexts, TableReader } from './table.ts';

/** The text of a Word document with its headings, tables, and its diagrams and notes at the end. */
export async function parseDocx(bytes: Uint8Array, draft: Draft): Promise<void> {
  await readPackage(bytes, async (parts) => {
    const main = await mainPart(parts, 'word/document.xml');
    // Always opened: without this part it is no Word document.
    (await parts.open(main)).destroy();
    draft.title = await titleOf(parts);
    const levels = await headingLevels(parts, posix.join(posix.dirname(main), 'styles.xml'));
    const related = await relationships(parts, main);
    const notes = related.filter(({ type }) => /^(foot|end)notes$/.test(type));
    for (const path of [main, ...notes.map(({ path }) => path)]) {
      await visitPart(parts, path, new WordVisitor(draft, levels), () => draft.full);
    }
    await readDiagrams(parts, related, draft);
    await nameLeftOut(parts, related, draft);
  });
}

/** Levels of the heading styles; 0 is the title. Style ids are translated, built-in names are not. */
async function headingLevels(parts: Package, path: string): Promise<ReadonlyMap<string, number>> {
  const levels = new Map<string, number>();
  let style = '';
  await visitPart(parts, path, {
    open(name, attributes) {
      const value = attribute(attributes, 'val') ?? '';
      if (name === 'style') style = attribute(attributes, 'styleId') ?? '';
      else if (name === 'outlineLvl') levels.set(style, Number(value) + 1);
      else if (name === 'name' && /^title$/i.test(value)) levels.set(style, 0);
      else if (name === 'name' && /^heading [1-9]$/i.test(value)) levels.set(style, Number(value.at(-1)));
    },
  });
  return levels;
}

interface Paragraph {
  text: string;
  level: number | undefined;
}

/** Deleted text, moved text, copies for older programs, and what stands over the text to help with reading it. */
const skipped = new Set(['del', 'moveFrom', 'Fallback', 'rt']);
const off = new Set(['0', 'false', 'off']);

class WordVisitor implements XmlVisitor {
  readonly #draft: Draft;
  readonly #levels: ReadonlyMap<string, number>;
  /** A stack, because text boxes hold paragraphs within a paragraph. */
  readonly #paragraphs: Paragraph[] = [];
  readonly #table = new TableReader();
  #skipping = 0;
  #inText = false;
  #inRun = false;
  /** The run at hand is not shown. */
  #concealed = false;
  #firstOfTable = false;

  constructor(draft: Draft, levels: ReadonlyMap<string, number>) {
    this.#draft = draft;
    this.#levels = levels;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#skipping > 0 || skipped.has(name)) {
      if (skipped.has(name)) this.#skipping += 1;
      return;
    }
    const paragraph = this.#paragraphs.at(-1);
    switch (name) {
      case 'tbl':
        this.#firstOfTable = true;
        break;
      case 'tr':
        this.#table.startRow();
        break;
      case 'gridBefore':
        this.#table.skip(Number(attribute(attributes, 'val')) || 0);
        break;
      case 'tc':
        this.#table.startCell();
        break;
      case 'gridSpan':
        this.#table.widen(Number(attribute(attributes, 'val')) || 1);
        break;
      case 'p':
        this.#paragraphs.push({ text: '', level: undefined });
        break;
      case 'pStyle':
        if (paragraph) paragraph.level = this.#levels.get(attribute(attributes, 'val') ?? '');
        break;
      case 'r':
        this.#inRun = true;
        this.#concealed = false;
        break;
      case 'vanish':
        // A paragraph's own mark may be hidden, too.
        this.#concealed = this.#inRun && !off.has(attribute(attributes, 'val') ?? '');
        break;
      case 't':
        this.#inText = true;
        break;
      case 'tab':
        // A tab stop in a paragraph's format also has this name.
        if (paragraph && attribute(attributes, 'val') === undefined) paragraph.text += '\t';
        break;
      case 'br':
      case 'cr':
        if (paragraph) paragraph.text += '\n';
        break;
      case 'noBreakHyphen':
        if (paragraph) paragraph.text += '-';
    }
  }

  text(text: string): void {
    const paragraph = this.#paragraphs.at(-1);
    if (!this.#inText || !paragraph) return;
    if (!this.#concealed) paragraph.text += text;
    else if (text.trim() !== '') this.#draft.leaveOut('hidden text');
  }

  close(name: string): void {
    if (skipped.has(name)) this.#skipping -= 1;
    if (this.#skipping > 0) return;
    if (name === 't') this.#inText = false;
    else if (name === 'r') {
      this.#inRun = false;
      this.#concealed = false;
    } else if (name === 'p') this.#endParagraph();
    else if (name === 'tr') this.#endRow();
  }

  #endParagraph(): void {
    const { text, level } = this.#paragraphs.pop() ?? { text: '', level: undefined };
    if (this.#table.depth > 0) this.#table.add(text);
    else if (level === undefined) this.#draft.write(text);
    else if (level === 0) {
      this.#draft.title ??= text.trim() || undefined;
      this.#draft.write(text);
    } else this.#draft.heading(text, level);
  }

  #endRow(): void {
    const cells = cellTexts(this.#table.endRow());
    if (this.#table.depth > 0) {
      this.#table.add(cells.join(' '));
      return;
    }
    this.#draft.row(cells, this.#firstOfTable ? 2 : 1);
    this.#firstOfTable = false;
  }
}
