import * as z from 'zod';

/** A file: the key of an upload. Its other fields are copied to the output. */
export const fileItem = z.looseObject({
  key: z
    .string()
    .max(1024)
    .regex(
      /^uploads\/(?!.*(^|\/)\.\.?(\/|$))[^/].*$/,
      "must be a key that POST /uploads gave out: 'uploads/…'",
    ),
  /**
   * Its name in the results, or a path; each folder in the paths is merged separately. Default: the key's last
   * part.
   */
  name: z
    .string()
    .max(1024)
    .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))/, "must be a relative path, without '..'")
    .optional(),
  /** Its size, if known: helps to plan, but nothing relies on it. */
  bytes: z.coerce.number().int().nonnegative().optional(),
});

export const extractOptions = z.strictObject({
  /** Files at a time in one worker. */
  concurrency: z.int().min(1).max(16).default(8),
  /** How long a parser may work on a file, in seconds. */
  timeoutSeconds: z.number().min(1).max(240).default(60),
  /** Characters of the job's merged context; a folder's context is part of it. */
  maxContextChars: z.int().min(1_000).max(2_000_000).default(100_000),
});

export type FileItem = z.infer<typeof fileItem>;
export type ExtractOptions = z.infer<typeof extractOptions>;
