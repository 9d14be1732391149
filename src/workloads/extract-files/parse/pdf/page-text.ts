import type { PDFPageProxy } from 'unpdf/pdfjs';

/** The text of a page, a line for each of its lines. */
export async function pageText(page: PDFPageProxy): Promise<string> {
  const { items } = await page.getTextContent();
  return items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
}
