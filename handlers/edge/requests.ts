import * as z from 'zod';
import { SpillwayError } from '../../src/core/engine/errors.ts';
import { encodingOf } from '../../src/core/formats/encoding.ts';
import { formats } from '../../src/core/formats/format.ts';
import { type Webhook, withWebhook } from '../../src/core/jobs/model/webhook.ts';
import type { Workload } from '../../src/core/jobs/workload.ts';
import { workloadErrors } from '../../src/workloads/workload-errors.ts';

/** Items that one request may hold. */
const maxItems = 10_000;

const itemsOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item).min(1).max(maxItems) });

const fileSource = z.strictObject({
  key: z.string().min(1).max(1_024).describe('Key of an upload, from POST /uploads'),
  format: z.enum(formats).exactOptional().describe('Default: detected from the name or the content'),
  encoding: z
    .string()
    .refine((label) => encodingOf(label) !== undefined, { error: 'is not a supported encoding' })
    .exactOptional()
    .describe(
      'Encoding of a text file without a byte order mark: a WHATWG label, such as windows-1252 or shift_jis. Default: UTF-8',
    ),
  sheet: z
    .union([z.string().min(1).max(100), z.int().min(1).max(1_000)])
    .exactOptional()
    .describe('XLSX: name of the sheet, or its number from 1. Default: the first sheet that is not hidden'),
  skipRows: z
    .int()
    .min(0)
    .max(1_000)
    .exactOptional()
    .describe('CSV and XLSX: rows above the header, as a spreadsheet counts them. Default: 0'),
  map: z
    .record(z.string().min(1).max(200), z.string().min(1).max(200))
    .refine((map) => Object.keys(map).length <= 50, { error: 'has more than 50 columns' })
    .exactOptional()
    .describe(
      'Column that the workload knows → column of the file. Others match in spite of case, blanks and _',
    ),
  limit: z
    .int()
    .min(1)
    .exactOptional()
    .describe('Process at most this many rows, the first ones: a trial. Default: all'),
});

const uploadKeys = (most: number) => z.array(z.string().min(1).max(1_024)).min(1).max(most).optional();
const filesSource = z
  .strictObject({
    keys: uploadKeys(maxItems).describe('Keys of uploads; each upload is an item'),
    folders: uploadKeys(100).describe('Folders of uploads; each upload in them is an item, up to 10,000'),
  })
  .refine(({ keys, folders }) => keys !== undefined || folders !== undefined, {
    error: 'must have keys or folders',
    // Then it is another kind of source, and that kind reports its own error.
    abort: true,
  });

const outputFile = z
  .strictObject({
    format: z.enum(formats).default('csv'),
    gzip: z.boolean().default(false),
    bom: z
      .boolean()
      .exactOptional()
      .describe('CSV: begin with a byte order mark, so that Excel recognizes UTF-8. Default: false'),
    escapeFormulas: z
      .boolean()
      .exactOptional()
      .describe("CSV: put ' before texts that a spreadsheet would run as formulas. Default: false"),
  })
  .refine(({ format, gzip }) => !(gzip && format === 'xlsx'), {
    path: ['gzip'],
    error: 'cannot be combined with xlsx, which is already compressed',
  });

const maxWorkers = z.int().min(1).max(1_000).optional();

/** The part of the body of `POST /jobs` that all workloads share. */
export const jobRequest = z.strictObject({
  workload: z.string(),
  source: z.union([itemsOf(z.unknown()), fileSource, filesSource], {
    error:
      "must be {items: […]}, {key: 'uploads/…', format?, encoding?, sheet?, skipRows?, map?, limit?} with csv, jsonl, json or xlsx, or {keys?: […], folders?: […]}",
  }),
  output: outputFile.prefault({}).describe('The output file, if the source is a file or files'),
  options: z.unknown().optional(),
  maxWorkers: maxWorkers.describe('How many slices may run at the same time'),
});

/** Body of `POST /jobs/{id}/resume`; it may be left out. */
export const resumeRequest = z.strictObject({
  maxWorkers: maxWorkers.describe('How many slices may run at the same time from now on'),
  limit: z
    .union([z.int().min(1), z.null()])
    .optional()
    .describe('More rows of the file than were wanted so far; null: all of them'),
  output: outputFile
    .optional()
    .describe('Another format of the output; if the job has ended, its files are written again'),
  options: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('All options of the job; only those that do not change its results may differ'),
});

/** Body of `POST /jobs` for one workload: its items in the request, in a file, or files themselves. */
export const itemsJob = (workload: Workload) =>
  ofWorkload(workload).extend({ source: itemsOf(workload.item) });
export const fileJob = (workload: Workload) => ofWorkload(workload).extend({ source: fileSource });
export const filesJob = (workload: Workload) => ofWorkload(workload).extend({ source: filesSource });

const ofWorkload = (workload: Workload) =>
  jobRequest.extend({
    workload: z.literal(workload.name),
    options: requestOptions(workload).prefault({}),
  });

/** A workload's options with those that all workloads share. Throws `WORKLOAD_INVALID` if none can be added. */
export function requestOptions({ name, options }: Workload): z.ZodType<{ webhook?: Webhook }> {
  if (options instanceof z.ZodObject) return options.safeExtend(withWebhook);
  throw new SpillwayError(workloadErrors.WORKLOAD_INVALID, `${name}: the options must be a z.object`);
}

const mebibyte = 2 ** 20;
/**
 * Kinds of uploads and their largest sizes: photos for pictures, files of rows for jobs (one PUT takes at most 5
 * GB), documents for their text.
 */
const uploadKinds = {
  'image/jpeg': 20 * mebibyte,
  'image/png': 20 * mebibyte,
  'image/webp': 20 * mebibyte,
  'image/avif': 20 * mebibyte,
  'image/heic': 20 * mebibyte,
  'image/heif': 20 * mebibyte,
  'text/csv': 5_000 * mebibyte,
  'application/x-ndjson': 5_000 * mebibyte,
  'application/json': 5_000 * mebibyte,
  'application/gzip': 5_000 * mebibyte,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 400 * mebibyte,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 50 * mebibyte,
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 50 * mebibyte,
  'application/pdf': 50 * mebibyte,
  'application/vnd.oasis.opendocument.text': 50 * mebibyte,
  'application/vnd.oasis.opendocument.spreadsheet': 50 * mebibyte,
  'application/vnd.oasis.opendocument.presentation': 50 * mebibyte,
  'application/epub+zip': 50 * mebibyte,
  'application/rtf': 50 * mebibyte,
  'message/rfc822': 50 * mebibyte,
  'text/html': 50 * mebibyte,
  'text/markdown': 50 * mebibyte,
  'text/plain': 50 * mebibyte,
} as const;
type ContentType = keyof typeof uploadKinds;

/** A step of a path. A step that begins with a dot is hidden or leads elsewhere. */
const step = /[\p{L}\p{N}_][\p{L}\p{N}\p{M} _.()&+,'@=~-]{0,99}/u.source;
const path = new RegExp(`^(?:${step}/){0,20}${step}$`, 'u');

/** Body of `POST /uploads`. */
export const uploadsRequest = z.strictObject({
  folder: z
    .string()
    .regex(/^\w[\w.-]{0,99}$/, "must have 1 to 100 letters, digits, '.', '-' or '_'")
    .optional()
    .describe(
      'Folder for the files; several requests may use the same one. Default: a new folder for each file',
    ),
  files: z
    .array(
      z
        .strictObject({
          name: z
            .string()
            .max(500)
            .regex(
              path,
              'must be a file name or a path; each part may have 100 letters, digits, spaces and common punctuation',
            ),
          contentType: z.enum(Object.keys(uploadKinds) as [ContentType, ...ContentType[]]),
          bytes: z
            .int()
            .min(1)
            .describe(
              'At most 20 MiB for photos, 50 MiB for documents, 400 MiB for XLSX, 5,000 MiB for the rest',
            ),
        })
        .refine(({ contentType, bytes }) => bytes <= uploadKinds[contentType], {
          path: ['bytes'],
          error: ({ input }) =>
            `must be at most ${uploadKinds[(input as { contentType: ContentType }).contentType]}`,
        }),
    )
    .min(1)
    .max(100),
});

/** Query of `GET /jobs/{id}`. */
export const jobQuery = z.strictObject({
  wait: z.coerce
    .number('must be a whole number of seconds from 0 to 900')
    .int()
    .min(0)
    .max(900)
    .default(0)
    .describe('Seconds to wait until the job changes; the gateway may end the wait earlier'),
});

/** Query of `GET /jobs`. */
export const jobsQuery = z.strictObject({
  limit: z.coerce.number('must be a whole number from 1 to 100').int().min(1).max(100).default(20),
  cursor: z.string().max(100).optional().describe('From the previous page'),
});

/** Query of `GET /jobs/{id}/results`. Accepts workloads' own names for successes too. */
export function resultsQuery(workloads: Iterable<Workload>) {
  const named = [...workloads].flatMap(({ name, view }) =>
    view?.succeeded === undefined ? [] : [{ name, word: view.succeeded }],
  );
  const words = named.map(({ word }) => word);
  const meanings = named.map(({ name, word }) => `${name} calls its successes ${word}`);
  const unnamed = ['failed', 'cancelled'] as const;
  return z.strictObject({
    status: z
      .enum(['succeeded', ...words, ...unnamed])
      .transform((status) => unnamed.find((one) => one === status) ?? 'succeeded')
      .optional()
      .describe(['Only outcomes with this status', ...meanings].join('; ')),
    limit: z.coerce.number('must be a whole number from 1 to 200').int().min(1).max(200).default(100),
    cursor: z.coerce
      .number('must be the cursor from an earlier page')
      .int()
      .min(-1)
      .default(-1)
      .describe('From the previous page'),
  });
}

/** Query of `GET /jobs/{id}/output`. */
export const outputQuery = z.strictObject({
  file: z
    .enum(['output', 'errors', 'summary'])
    .default('output')
    .describe('output: all items; errors: only the failed items; summary: the summary of the workload'),
});
