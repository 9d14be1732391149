import * as z from 'zod';
import { encodings } from './encoding.ts';
import { delimiters } from './format.ts';

const place = {
  /** Offset in the source at which reading continues; 0 if it must begin again. */
  readFrom: z.int().nonnegative(),
  /** The last row that was read, or skipped as blank. */
  row: z.int().nonnegative(),
};

const text = {
  ...place,
  gzip: z.boolean(),
  /** Offset in the uncompressed text, in UTF-8 if its encoding is converted. */
  byteOffset: z.int().nonnegative(),
  encoding: z.enum(encodings),
};

/** Where reading stopped, with everything needed to continue. Survives JSON. */
export const positionSchema = z.discriminatedUnion('format', [
  z.strictObject({
    format: z.literal('csv'),
    ...text,
    delimiter: z.enum(delimiters),
    columns: z.array(z.string()),
  }),
  z.strictObject({ format: z.literal('jsonl'), ...text }),
  /** `closed`: the array's end has been read. */
  z.strictObject({ format: z.literal('json'), ...text, closed: z.boolean() }),
  z.strictObject({ format: z.literal('xlsx'), ...place, gzip: z.boolean() }),
]);

export type Position = z.infer<typeof positionSchema>;
export type PositionOf<F extends Position['format']> = Extract<Position, { format: F }>;
export type TextPosition = PositionOf<'csv' | 'json' | 'jsonl'>;
