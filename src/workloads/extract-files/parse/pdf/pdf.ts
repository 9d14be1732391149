import { getDocumentProxy } from 'unpdf';
import { ExtractError } from '../../extract-error.ts';
import type { Draft } from '../draft.ts';
import { fontData } from './font-data.ts';
import { notesOf } from './notes.ts';
import { pageText } from './page-text.ts';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/**
 * The text of a PDF, page by page; below each page what was typed into its form and noted on it. Throws
 * `FILE_ENCRYPTED` or `FILE_DAMAGED`.
 */
export async function parsePdf(bytes: Uint8Array, draft: Draft): Promise<void> {
  const pdf = await open(bytes, draft);
  try {
    draft.pages = pdf.numPages;
    draft.title = await titleOf(pdf);
    await addOutline(pdf, draft);
    const bare: number[] = [];
    const broken: number[] = [];
    for (let page = 1; page <= pdf.numPages && !draft.full; page += 1) {
      const text = await textOf(pdf, page, draft);
      if (text === undefined) broken.push(page);
      else if (text.trim() === '') bare.push(page);
      else draft.write(text);
    }
    await nameAttachments(pdf, draft);
    if (broken.length === pdf.numPages)
      throw new ExtractError('FILE_DAMAGED', 'No page of the PDF can be read');
    if (broken.length > 0) draft.warn('PAGES_UNREADABLE', `Pages that cannot be read: ${listed(broken)}`);
    if (bare.length > 0 && bare.length < pdf.numPages) {
      draft.warn('PAGES_WITHOUT_TEXT', `Pages without text, perhaps scanned: ${listed(bare)}`);
    }
  } finally {
    await pdf.loadingTask.destroy();
  }
}

/** The fields of the document's information that are used. */
interface Info {
  Title?: unknown;
  IsXFAPresent?: boolean;
  IsAcroFormPresent?: boolean;
}

async function open(bytes: Uint8Array, draft: Draft): Promise<Pdf> {
  // The reader takes the bytes away.
  const pdf = await openAs(bytes.slice(), false);
  const info = await infoOf(pdf);
  if (!info?.IsXFAPresent || info.IsAcroFormPresent) return pdf;
  // A form of the XFA kind alone has its text nowhere else. Not every such form can be read.
  const form = await openAs(bytes, true).catch(() => undefined);
  if (!form) {
    draft.leaveOut('the form, which is in the XFA format');
    return pdf;
  }
  await pdf.loadingTask.destroy();
  return form;
}

async function openAs(bytes: Uint8Array, enableXfa: boolean): Promise<Pdf> {
  try {
    return await getDocumentProxy(bytes, {
      ...fontData(),
      useSystemFonts: false,
      disableFontFace: true,
      enableXfa,
      // No picture is decoded: only text is wanted.
      maxImageSize: 1,
      // Warnings about damaged files would flood the log.
      verbosity: 0,
    });
  } catch (error) {
    if ((error as Error).name === 'PasswordException') {
      throw new ExtractError('FILE_ENCRYPTED', 'The PDF has a password: save it without one', {
        cause: error,
      });
    }
    throw new ExtractError('FILE_DAMAGED', `The PDF cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Undefined if the page cannot be read. */
async function textOf(pdf: Pdf, number: number, draft: Draft): Promise<string | undefined> {
  try {
    const page = await pdf.getPage(number);
    const text = await pageText(page);
    const notes = await notesOf(page, draft);
    page.cleanup();
    return [text, ...notes].join('\n');
  } catch {
    return undefined;
  }
}

/** Files within the PDF are not read. */
async function nameAttachments(pdf: Pdf, draft: Draft): Promise<void> {
  const attached: unknown = await pdf.getAttachments().catch(() => null);
  if (typeof attached !== 'object' || attached === null) return;
  for (const name of attached instanceof Map ? attached.keys() : Object.keys(attached)) {
    draft.leaveOut(`the attached file ${name}`);
  }
}

async function titleOf(pdf: Pdf): Promise<string | undefined> {
  const title = (await infoOf(pdf))?.Title;
  return typeof title === 'string' ? title : undefined;
}

async function infoOf(pdf: Pdf): Promise<Info | undefined> {
  const metadata = await pdf.getMetadata().catch(() => undefined);
  return metadata?.info as Info | undefined;
}

interface OutlineItem {
  title: string;
  dest: string | unknown[] | null;
  items: OutlineItem[];
}

/** Adds the sections of the PDF's own table of contents. */
async function addOutline(pdf: Pdf, draft: Draft): Promise<void> {
  const add = async (items: readonly OutlineItem[], level: number): Promise<void> => {
    for (const { title, dest, items: below } of items) {
      draft.section(title.trim(), level, await pageOf(pdf, dest));
      if (level < 3) await add(below, level + 1);
    }
  };
  await add(((await pdf.getOutline().catch(() => null)) ?? []) as OutlineItem[], 1);
}

async function pageOf(pdf: Pdf, dest: OutlineItem['dest']): Promise<number | undefined> {
  try {
    const [page] = (typeof dest === 'string' ? await pdf.getDestination(dest) : dest) ?? [];
    if (typeof page !== 'object' || page === null) return undefined;
    return (await pdf.getPageIndex(page as { num: number; gen: number })) + 1;
  } catch {
    return undefined;
  }
}

function listed(pages: readonly number[]): string {
  const shown = pages.slice(0, 20).join(', ');
  return pages.length > 20 ? `${shown} and ${pages.length - 20} more` : shown;
}
