import type { DocumentInfo, Kind } from '../document.ts';
import { ExtractError } from '../extract-error.ts';
import { beginning, excerptChars } from './beginning.ts';
import { Draft } from './draft.ts';
import { keyPhrases } from './key-phrases.ts';
import { languageOf, shortCode } from './language.ts';
import { countWords } from './words.ts';

type Parse = (bytes: Uint8Array, draft: Draft) => Promise<void>;

/** Each is loaded when a file needs it: the PDF reader alone takes a tenth of a second to load. */
const parsers: Readonly<Record<Kind, () => Promise<Parse>>> = {
  pdf: async () => (await import('./pdf/pdf.ts')).parsePdf,
  docx: async () => (await import('./docx.ts')).parseDocx,
  pptx: async () => (await import('./pptx.ts')).parsePptx,
  xlsx: async () => (await import('./xlsx.ts')).parseXlsx,
  html: async () => (await import('./html.ts')).parseHtml,
  markdown: async () => (await import('./markdown.ts')).parseMarkdown,
  csv: async () => (await import('./csv.ts')).parseCsv,
  odt: async () => (await import('./odf.ts')).parseOdf,
  ods: async () => (await import('./odf.ts')).parseOdf,
  odp: async () => (await import('./odf.ts')).parseOdf,
  rtf: async () => (await import('./rtf.ts')).parseRtf,
  epub: async () => (await import('./epub.ts')).parseEpub,
  mail: async () => (await import('./mail.ts')).parseMail,
  text: async () => (await import('./text.ts')).parseText,
};

const maxTitleChars = 300;

/** Parses a file. Throws an {@link ExtractError}. */
export async function parse(kind: Kind, bytes: Uint8Array): Promise<{ info: DocumentInfo; text: string }> {
  const draft = new Draft();
  await (await parsers[kind]())(bytes, draft);
  const { text } = draft;
  if (!/[\p{L}\p{N}]/u.test(text)) {
    const why =
      kind === 'pdf' ? 'The PDF has no text: a scan has to go through OCR first' : 'The file has no text';
    // Where its words are, if it has any.
    const leftOut = draft.warnings.find(({ code }) => code === 'CONTENT_LEFT_OUT')?.message;
    throw new ExtractError('FILE_HAS_NO_TEXT', leftOut === undefined ? why : `${why}. ${leftOut}`);
  }
  const language = languageOf(text);
  // A table's columns are not titles.
  const firstHeading = kind === 'csv' ? undefined : draft.sections.find(({ level }) => level === 1)?.title;
  const title = (draft.title ?? firstHeading ?? '').trim();
  const info: DocumentInfo = {
    kind,
    title: title.slice(0, maxTitleChars) || null,
    language: language === undefined ? null : shortCode(language),
    pages: draft.pages ?? null,
    words: countWords(text, language),
    characters: text.length,
    keyPhrases: keyPhrases(text, language),
    sections: draft.sections,
    warnings: draft.warnings,
    excerpt: beginning(text, excerptChars),
  };
  return { info, text };
}
