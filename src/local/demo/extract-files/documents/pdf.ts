import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';

export interface PdfOptions {
  /** Without it the PDF cannot be opened. */
  password?: string;
  /** Draws lines instead of letters: what a scan looks like to whoever looks for text. */
  scanned?: boolean;
}

/** A PDF of these pages, each with a heading that the table of contents names. */
export function pdf(
  title: string,
  pages: readonly { heading: string; text: string }[],
  { password, scanned = false }: PdfOptions = {},
): Promise<Buffer> {
  const document = new PDFDocument({
    autoFirstPage: false,
    // Given so that the same content makes nearly the same bytes.
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
