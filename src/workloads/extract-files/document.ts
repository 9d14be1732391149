/** The kinds of files; each has a parser. */
export const kinds = [
  ...(['pdf', 'docx', 'pptx', 'xlsx', 'odt', 'odp', 'ods', 'rtf', 'epub'] as const),
  ...(['mail', 'html', 'markdown', 'csv', 'text'] as const),
] as const;
export type Kind = (typeof kinds)[number];

/** Raise it with every change to what parsers find: results of another version are not reused. */
export const parserVersion = 2;

/** A heading, a slide or a sheet. */
export interface Section {
  title: string;
  /** 1 is the highest. */
  level: number;
  /** Page of a PDF, from 1. */
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
    | 'SHEETS_HIDDEN'
    | 'CONTENT_LEFT_OUT';
  message: string;
}

/** What the parser found in a file, without the text. */
export interface DocumentInfo {
  kind: Kind;
  title: string | null;
  /** ISO 639-1 if it has a code, else 639-3; null if the language is unknown. */
  language: string | null;
  /** Pages, slides or sheets; null for kinds that have none. */
  pages: number | null;
  words: number;
  characters: number;
  /** Its subjects, the most telling first. */
  keyPhrases: string[];
  sections: Section[];
  warnings: Warning[];
  /** The beginning of the text. */
  excerpt: string;
}
