import * as z from 'zod';
import { SpillwayError } from '../engine/errors.ts';
import { encodings } from './encoding.ts';
import { delimiters, formats } from './format.ts';
import { formatErrors } from './format-errors.ts';
import { positionSchema } from './position.ts';
import type { Header } from './rows.ts';

const amount = (fallback: number) => z.int().positive().default(fallback);

const readLimits = z.strictObject({
  /** Characters. An open quote is noticed after so many. */
  maxCellChars: amount(2 ** 20),
  /** Characters of a CSV row, a line or an element. */
  maxRowChars: amount(2 ** 24),
  /** Characters of the rows in one batch, about: it ends early when it has more. */
  maxBatchChars: amount(2 ** 22),
  /** Bytes that may come out of a gzip file, or of all parts of a workbook. */
  maxUncompressedBytes: amount(8 * 2 ** 30),
  /** Bytes out for each byte in, once 16 MiB are out. Rows that are all alike reach some hundreds. */
  maxRatio: amount(400),
  /** Bytes of an XLSX file: it is kept in the temporary directory while it is read. */
  maxWorkbookBytes: amount(400 * 2 ** 20),
  /** Characters of the strings that an XLSX file keeps apart from its cells: they are held in memory. */
  maxSharedStringChars: amount(64 * 2 ** 20),
});

export type ReadLimits = z.output<typeof readLimits>;

const readOptions = z.strictObject({
  /** Default: told by the name, else by the content. */
  format: z.enum(formats).optional(),
  /** Name or key of the file, for its extension. */
  name: z.string().optional(),
  /** Of a text without a byte order mark. */
  encoding: z.enum(encodings).default('utf-8'),
  /** Default: told by the first rows. */
  delimiter: z.enum(delimiters).optional(),
  /** Name of the sheet. Default: the first one that is not hidden. */
  sheet: z.string().optional(),
  /** Rows in a batch: never more, and fewer only in the last one or where the rows are very large. */
  batchSize: amount(500),
  limits: readLimits.prefault({}),
  /** Go on after this. The source has to begin at its `readFrom`. Format, encoding and delimiter come from it. */
  resume: positionSchema.optional(),
  /** Called before the first batch of CSV and XLSX, also after resuming. What it throws refuses the file. */
  onHeader: z.custom<(header: Header) => void>((value) => typeof value === 'function').optional(),
});

export type ReadOptions = z.input<typeof readOptions>;
export type ParsedReadOptions = z.output<typeof readOptions>;

/** Throws `FORMAT_OPTIONS_INVALID`, naming each option that is wrong. */
export function parseReadOptions(options: ReadOptions): ParsedReadOptions {
  return parsed(readOptions, options);
}

export const xlsxMaxRows = 1_048_576;

/** A piece of a file: how many rows the pieces before it have, and whether it is the last. */
const piece = z.strictObject({ rowsBefore: z.int().min(0), last: z.boolean() });

export type Piece = z.output<typeof piece>;

const writeOptions = z
  .strictObject({
    format: z.enum(formats),
    /**
     * The columns and their order; what else a row has is left out. Default: those of the first row, and a later row with
     * another one is refused. JSON formats keep rows as they are unless columns are given.
     */
    columns: z.array(z.string()).optional(),
    gzip: z.boolean().default(false),
    /** Only a piece of the file, for those formats that are text: put one behind the other they are the whole. Default: all of it. */
    piece: piece.default({ rowsBefore: 0, last: true }),
    /** CSV. */
    delimiter: z.enum(delimiters).default(','),
    newline: z.enum(['\r\n', '\n']).default('\r\n'),
    /** CSV: begin with a byte order mark, by which Excel knows UTF-8. */
    bom: z.boolean().default(false),
    /** CSV: put `'` before strings that a spreadsheet would take for a formula. Changes values. */
    escapeFormulas: z.boolean().default(false),
    /** XLSX. The next sheets add a number to it. */
    sheet: z
      .string()
      .regex(/^(?!')[^[\]:*?/\\\p{Cc}]{1,25}(?<!')$/u)
      .default('Data'),
    /** XLSX: rows of a sheet, with its header. */
    maxSheetRows: z.int().min(2).max(xlsxMaxRows).default(xlsxMaxRows),
  })
  .refine(({ format, piece }) => format !== 'xlsx' || (piece.rowsBefore === 0 && piece.last), {
    path: ['piece'],
    error: 'an XLSX file is written as a whole',
  });

export type WriteOptions = z.input<typeof writeOptions>;
export type ParsedWriteOptions = z.output<typeof writeOptions>;

/** Throws `FORMAT_OPTIONS_INVALID`, naming each option that is wrong. */
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
