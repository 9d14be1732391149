import type { PDFPageProxy } from 'unpdf/pdfjs';
import { glyphsOf } from './glyphs.ts';
import { hasRightToLeft, readingOrder } from './reading-order.ts';

/**
 * Forms of letters that fonts have and texts do not: ligatures, Arabic letters by their place in a word, and signs
 * that are turned for vertical writing.
 */
const presentationForms = /[\ufb00-\ufdff\ufe10-\ufe19\ufe30-\ufe48\ufe70-\ufefc]+/g;

/** The text of a page, a line for each of its lines. */
export async function pageText(page: PDFPageProxy): Promise<string> {
  const { items } = await page.getTextContent({ disableNormalization: true });
  const text = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
  // pdf.js puts such letters in order without knowing where they stand.
  const ordered = hasRightToLeft(text) ? readingOrder(await glyphsOf(page)) : text;
  return ordered.replace(presentationForms, (forms) => forms.normalize('NFKC'));
}
