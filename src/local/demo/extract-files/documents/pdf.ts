import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';

export interface PdfOptions {
  /** The PDF cannot be opened without it. */
  password?: string;
  /** Draws lines instead of letters, so that the page has no text, like a scan. */
  scanned?: boolean;
}

/** A PDF with these pages, each with a heading in the table of contents. */
export function pdf(
  title: string,
  pages: readonly { heading: string; text: string }[],
  { password, scanned = false }: PdfOptions = {},
): Promise<Buffer> {
  const document = new PDFDocument({
    autoFirstPage: false,
    // Set, so that the same content makes nearly the same bytes.
    info: { Title: title, CreationDate: new Date(0) },
    ...(password !== undefined && { userPassword: password, pdfVersion: '1.7' as const }),
  });
  for (const { heading, text } of pages) {
    document.addPage();
    if (scanned) document.rect(100, 100, 300, 200).lineTo(300, 500).stroke();
    else {
      document.outline.addItem(heading);
      document.fontSize(18).text(heading).moveDown().fontSize(11).text(text);
    }
  }
  document.end();
  return buffer(document);
}
