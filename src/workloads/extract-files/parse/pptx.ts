import type { Package } from '../../../core/formats/xlsx/package.ts';
import { relationships } from '../../../core/formats/xlsx/workbook.ts';
import type { Attributes, XmlVisitor } from '../../../core/formats/xlsx/xml.ts';
import type { Draft } from './draft.ts';
import { attribute, mainPart, nameLeftOut, readDiagrams, readPackage, titleOf, visitPart } from './office.ts';
import { cellTexts, TableReader } from './table.ts';

/** The text of a presentation, slide by slide in the order of the show, each with its diagrams and its notes. */
export async function parsePptx(bytes: Uint8Array, draft: Draft): Promise<void> {
  await readPackage(bytes, async (parts) => {
    const main = await mainPart(parts, 'ppt/presentation.xml');
    draft.title = await titleOf(parts);
    const slides = await slidesOf(parts, main);
    draft.pages = slides.length;
    for (const [at, path] of slides.entries()) {
      if (draft.full) return;
      const visitor = new SlideVisitor(draft, at + 1);
      await visitPart(parts, path, visitor, () => draft.full);
      visitor.end();
      const related = await relationships(parts, path);
      await readDiagrams(parts, related, draft);
      await nameLeftOut(parts, related, draft);
      const notes = related.find(({ type }) => type === 'notesSlide');
      if (notes) await visitPart(parts, notes.path, new SlideVisitor(draft, undefined), () => draft.full);
    }
  });
}

async function slidesOf(parts: Package, main: string): Promise<string[]> {
  const related = await relationships(parts, main);
  const ids: (string | undefined)[] = [];
  // Always opened: without this part it is no presentation.
  (await parts.open(main)).destroy();
  await visitPart(parts, main, {
    open(name, attributes) {
      // A slide also has an `id` without a prefix: a number.
      if (name === 'sldId') ids.push(Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1]);
    },
  });
  return ids.flatMap((id) => related.find((one) => one.id === id && one.type === 'slide')?.path ?? []);
}

/** Placeholders with the same text on every slide. */
const furniture = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

class SlideVisitor implements XmlVisitor {
  readonly #draft: Draft;
  /** Undefined for notes, which are not sections. */
  readonly #slide: number | undefined;
  #placeholder = '';
  #paragraph: string | undefined;
  #title = '';
  readonly #table = new TableReader();
  #inText = false;

  constructor(draft: Draft, slide: number | undefined) {
    this.#draft = draft;
    this.#slide = slide;
  }

  open(name: string, attributes: Attributes): void {
    switch (name) {
      // Whatever comes next on the slide: the placeholder is that of one before.
      case 'sp':
      case 'cxnSp':
      case 'graphicFrame':
      case 'grpSp':
      case 'pic':
        this.#placeholder = '';
        break;
      case 'ph':
        this.#placeholder = attribute(attributes, 'type') ?? 'body';
        break;
      case 'tr':
        this.#table.startRow();
        break;
      case 'tc':
        this.#table.startCell();
        break;
      case 'p':
        this.#paragraph = '';
        break;
      case 't':
        this.#inText = true;
        break;
      case 'br':
        if (this.#paragraph !== undefined) this.#paragraph += '\n';
    }
  }

  text(text: string): void {
    if (this.#inText && this.#paragraph !== undefined) this.#paragraph += text;
  }

  close(name: string): void {
    if (name === 't') this.#inText = false;
    else if (name === 'p') this.#endParagraph();
    else if (name === 'tr') {
      const cells = cellTexts(this.#table.endRow());
      if (this.#table.depth > 0) this.#table.add(cells.join(' '));
      else this.#draft.row(cells);
    }
  }

  /** Names the slide once all of it is read. */
  end(): void {
    if (this.#slide !== undefined) this.#draft.section(this.#title || `Slide ${this.#slide}`, 1, this.#slide);
  }

  #endParagraph(): void {
    const text = this.#paragraph ?? '';
    this.#paragraph = undefined;
    if (furniture.has(this.#placeholder)) return;
    if (this.#table.depth > 0) {
      this.#table.add(text);
      return;
    }
    const isTitle = /^(title|ctrTitle)$/.test(this.#placeholder);
    if (isTitle) this.#title = `${this.#title} ${text}`.replace(/\s+/g, ' ').trim();
    this.#draft.write(text, isTitle ? 2 : 1);
  }
}
