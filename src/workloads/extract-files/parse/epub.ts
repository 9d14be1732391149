import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Package } from '../../../core/formats/xlsx/package.ts';
import { ExtractError } from '../extract-error.ts';
import { decodeText } from './decode-text.ts';
import type { Draft } from './draft.ts';
import { readHtml } from './html.ts';
import { attribute, readPackage, visitPart } from './office.ts';

/** What the package document says of a book. */
interface Book {
  title: string;
  /** Paths of the chapters, in reading order. */
  chapters: string[];
}

/** Fonts may be scrambled in a book that anybody may read. */
const scrambledFont = /idpf\.org\/2008\/embedding|ns\.adobe\.com\/pdf\/enc/;

/** The text of a book (EPUB), chapter by chapter. Throws `FILE_ENCRYPTED` if it is protected. */
export async function parseEpub(bytes: Uint8Array, draft: Draft): Promise<void> {
  await readPackage(bytes, async (parts) => {
    await refuseProtected(parts);
    const { title, chapters } = await readBook(parts, await packageDocument(parts));
    draft.title = title.trim() || undefined;
    for (const path of chapters) {
      if (draft.full) return;
      if (!parts.has(path)) draft.leaveOut('chapters that are missing in the file');
      else readHtml(decodeText(await buffer(await parts.open(path)), draft, { htmlHint: true }), draft);
    }
  });
}

async function refuseProtected(parts: Package): Promise<void> {
  let isProtected = false;
  await visitPart(parts, 'META-INF/encryption.xml', {
    open(name, attributes) {
      const algorithm = name === 'EncryptionMethod' ? attribute(attributes, 'Algorithm') : undefined;
      isProtected ||= algorithm !== undefined && !scrambledFont.test(algorithm);
    },
  });
  if (isProtected) throw new ExtractError('FILE_ENCRYPTED', 'The book is protected against copying');
}

async function packageDocument(parts: Package): Promise<string> {
  let path: string | undefined;
  await visitPart(parts, 'META-INF/container.xml', {
    open(name, attributes) {
      if (name === 'rootfile') path ??= attribute(attributes, 'full-path');
    },
  });
  if (path === undefined) throw new ExtractError('FILE_DAMAGED', 'The book does not say where its text is');
  return path;
}

async function readBook(parts: Package, path: string): Promise<Book> {
  const book: Book = { title: '', chapters: [] };
  const files = new Map<string, string>();
  let inTitle = false;
  // Always opened: without this part it is no book.
  (await parts.open(path)).destroy();
  await visitPart(parts, path, {
    open(name, attributes) {
      // The first title is the book's; others are subtitles and the like.
      if (name === 'title') inTitle = book.title === '';
      const id = attributes.id;
      if (name === 'item' && id !== undefined) files.set(id, attributes.href ?? '');
      const chapter = name === 'itemref' ? files.get(attributes.idref ?? '') : undefined;
      if (chapter) book.chapters.push(posix.join(posix.dirname(path), unescaped(chapter)));
    },
    text(text) {
      if (inTitle) book.title += text;
    },
    close() {
      inTitle = false;
    },
  });
  return book;
}

function unescaped(href: string): string {
  const file = href.split('#')[0] ?? '';
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}
