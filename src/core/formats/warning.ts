/** What a user should know about a file that was read or written nevertheless. Messages name the place and what was done. */
export interface Warning {
  code: WarningCode;
  message: string;
}

export const warningCodes = [
  /** A column without a name was given one. */
  'COLUMN_NAMED',
  /** The first row has cells, but no values: the header was looked for below it. */
  'EMPTY_ROW_BEFORE_HEADER',
  /** A name in the header has a quote that opens nothing. */
  'BLANK_BEFORE_QUOTE',
  /** A name in the header goes on after the quote that ends it. */
  'TEXT_AFTER_QUOTE',
  /** A text is read in the encoding that was asked for, although its bytes are UTF-8. */
  'ENCODING_UNLIKELY',
  /** A column is used under another name than its own. */
  'COLUMN_MATCHED',
  /** Rows without any value are no items. */
  'BLANK_ROWS_LEFT_OUT',
  /** A table has no columns for some values of some rows. */
  'COLUMNS_LEFT_OUT',
  /** An option that this kind of file has no use for. */
  'OPTION_NOT_USED',
] as const;
export type WarningCode = (typeof warningCodes)[number];

export const warning = (code: WarningCode, message: string): Warning => ({ code, message });

/** A record that holds warnings must stay small. */
const mostWarnings = 10;
const mostChars = 300;

/** The warnings without repetitions, cut to what a job's record can hold. */
export function fewWarnings(warnings: readonly Warning[]): Warning[] {
  const found = new Map<string, Warning>();
  for (const { code, message } of warnings) {
    if (found.size === mostWarnings) break;
    const short = message.length > mostChars ? `${message.slice(0, mostChars)}…` : message;
    if (!found.has(short)) found.set(short, warning(code, short));
  }
  return [...found.values()];
}
