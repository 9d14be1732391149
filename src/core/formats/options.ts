import * as z from 'zod';
import { SpillwayError } from '../engine/errors.ts';
import { encodings } from './encoding.ts';
import { delimiters, formats } from './format.ts';
import { formatErrors } from './format-errors.ts';
import { positionSchema } from './position.ts';
import type { Header } from './rows.ts';
import type { Warning } from './warning.ts';

const amount = (fallback: number) => z.int().positive().default(fallback);

const readLimits = z.strictObject({
  /** Characters. An open quote is noticed after this many. */
  maxCellChars: amount(2 ** 20),
  /** Characters of a CSV row, a line or an element. */
  maxRowChars: amount(2 ** 24),
  /** Approximate characters of the rows in one batch: a batch with more ends early. */
  maxBatchChars: amount(2 ** 22),
  /** Bytes that a gzip file, or all parts of a workbook together, may unpack to. */
  maxUncompressedBytes: amount(8 * 2 ** 30),
  /** Unpacked bytes per compressed byte, checked after 16 MiB. Rows that are all alike reach several hundred. */
  maxRatio: amount(400),
  /** Bytes of an XLSX file, which is kept in the temporary directory while it is read. */
  maxWorkbookBytes: amount(400 * 2 ** 20),
  /** Characters of the strings that an XLSX file stores apart from its cells. They are held in memory. */
  maxSharedStringChars: amount(64 * 2 ** 20),
});

export type ReadLimits = z.output<typeof readLimits>;

const wantedColumns = z.strictObject({
  /** A column of the file whose name differs only in case, blanks and underscores gets this name. */
  names: z.array(z.string()).readonly().default([]),
  /** Wanted name → name in the file. */
  map: z.record(z.string(), z.string()).default({}),
});

export type WantedColumns = z.output<typeof wantedColumns>;

const readOptions = z.strictObject({
  /** Default: detected from the name, otherwise from the content. */
  format: z.enum(formats).optional(),
  /** Name or key of the file, for its extension. */
  name: z.string().optional(),
  /** For a text without a byte order mark. */
  encoding: z.enum(encodings).default('utf-8'),
  /** Default: detected from the first rows. */
  delimiter: z.enum(delimiters).optional(),
  /** Name of the sheet, or its number from 1. Default: the first one that is not hidden. */
  sheet: z.union([z.string(), z.int().positive()]).optional(),
  /** Rows above the header, as a spreadsheet counts them. */
  skipRows: z.int().nonnegative().default(0),
  /** Rows to read at most, from the position on. Default: all. */
  limit: z.int().positive().optional(),
  /** The names under which columns are wanted. */
  wanted: wantedColumns.prefault({}),
  /** Rows per batch: never more; fewer only in the last batch or if the rows are very large. */
  batchSize: amount(500),
  limits: readLimits.prefault({}),
  /**
   * Continue after this position. The source must begin at its `readFrom`. It determines format, encoding and
   * delimiter.
   */
  resume: positionSchema.optional(),
  /** Called before the first batch of CSV and XLSX, also after resuming. Throw in it to refuse the file. */
  onHeader: z.custom<(header: Header) => void>((value) => typeof value === 'function').optional(),
  /** Called with what the user should know of a file that is read nevertheless. */
  onWarning: z.custom<(warning: Warning) => void>((value) => typeof value === 'function').optional(),
});

export type ReadOptions = z.input<typeof readOptions>;
export type ParsedReadOptions = z.output<typeof readOptions>;

/** Throws `FORMAT_OPTIONS_INVALID`, naming each wrong option. */
export function parseReadOptions(options: ReadOptions): ParsedReadOptions {
  return parsed(readOptions, options);
}

export const xlsxMaxRows = 1_048_576;

/** A piece of a file: how many rows the earlier pieces have, and whether it is the last. */
const piece = z.strictObject({ rowsBefore: z.int().min(0), last: z.boolean() });

export type Piece = z.output<typeof piece>;

const writeOptions = z
  .strictObject({
    format: z.enum(formats),
    /**
     * The columns and their order; other values are left out. Default: the first row's columns, and a later
     * row with another column is refused. JSON formats keep rows unchanged unless columns are given.
     */
    columns: z.array(z.string()).optional(),
    gzip: z.boolean().default(false),
    /**
     * For text formats: write only a piece of the file. The pieces, joined in order, make the whole. Default:
     * all of it.
     */
    piece: piece.default({ rowsBefore: 0, last: true }),
    /** CSV. */
    delimiter: z.enum(delimiters).default(','),
    newline: z.enum(['\r\n', '\n']).default('\r\n'),
    /** CSV: begin with a byte order mark, so that Excel recognizes UTF-8. */
    bom: z.boolean().default(false),
    /**
     * CSV: put `'` before texts, names of columns included, that a spreadsheet would take for formulas. Changes
     * values.
     */
    escapeFormulas: z.boolean().default(false),
    /** XLSX. Further sheets add a number to it. */
    sheet: z
      .string()
      .regex(/^(?!')[^[\]:*?/\\\p{Cc}]{1,25}(?<!')$/u)
      .default('Data'),
    /** XLSX: rows per sheet, including its header. */
    maxSheetRows: z.int().min(2).max(xlsxMaxRows).default(xlsxMaxRows),
  })
  .refine(({ format, piece }) => format !== 'xlsx' || (piece.rowsBefore === 0 && piece.last), {
    path: ['piece'],
    error: 'an XLSX file is written as a whole',
  });

export type WriteOptions = z.input<typeof writeOptions>;
export type ParsedWriteOptions = z.output<typeof writeOptions>;

/** Throws `FORMAT_OPTIONS_INVALID`, naming each wrong option. */
export function parseWriteOptions(options: WriteOptions): ParsedWriteOptions {
  return parsed(writeOptions, options);
}

function parsed<S extends z.ZodType>(schema: S, options: unknown): z.output<S> {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const message = details.map((issue) => (issue.path ? `${issue.path}: ${issue.message}` : issue.message));
  throw new SpillwayError(formatErrors.FORMAT_OPTIONS_INVALID, message.join('; '), { details });
}
