/** What kind of file it is; each has a parser. */
export const kinds = ['pdf', 'docx', 'pptx', 'xlsx', 'html', 'markdown', 'csv', 'text'] as const;
export type Kind = (typeof kinds)[number];

/** Changes with whatever changes what is found in a file: what was found by another version is not used again. */
export const parserVersion = 1;

/** A heading, a slide or a sheet. */
export interface Section {
  title: string;
  /** 1 is the highest. */
  level: number;
  /** Of a PDF, from 1. */
  page?: number;
}

/** Something about a file that its reader should know. */
export interface Warning {
  code:
    | 'TEXT_CUT'
    | 'PAGES_WITHOUT_TEXT'
    | 'PAGES_UNREADABLE'
    | 'ENCODING_GUESSED'
    | 'ROWS_IRREGULAR'
    | 'SHEETS_HIDDEN';
  message: string;
}

/** What was found in a file, without its text. */
export interface DocumentInfo {
  kind: Kind;
  title: string | null;
  /** ISO 639-1 where there is such a code, else 639-3; null where it cannot be told. */
  language: string | null;
  /** Pages, slides or sheets; null for kinds that have none. */
  pages: number | null;
  words: number;
  characters: number;
  /** What it is about, the most telling first. */
  keyPhrases: string[];
  sections: Section[];
  warnings: Warning[];
  /** Its beginning. */
  excerpt: string;
}
