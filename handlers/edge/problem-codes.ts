import type { FileErrorCode } from '../../src/core/formats/file-error.ts';

/** What is wrong with a file that was sent: whoever sent it can put it right. */
const fileCodes: Record<FileErrorCode, 422> = {
  FILE_EMPTY: 422,
  FILE_HAS_NO_ROWS: 422,
  DUPLICATE_COLUMN: 422,
  BLANK_COLUMN: 422,
  COLUMN_NOT_ACCEPTED: 422,
  MISSING_COLUMN: 422,
  UNBALANCED_QUOTE: 422,
  CELL_TOO_LARGE: 422,
  ROW_TOO_LARGE: 422,
  ENCODING_INVALID: 422,
  JSON_INVALID: 422,
  FILE_TRUNCATED: 422,
  GZIP_DAMAGED: 422,
  DECOMPRESSION_BOMB: 422,
  FILE_TOO_LARGE: 422,
  NOT_A_WORKBOOK: 422,
  WORKBOOK_ENCRYPTED: 422,
  MACROS_NOT_ACCEPTED: 422,
  NO_SHEETS: 422,
  SHEET_NOT_FOUND: 422,
  SHARED_STRINGS_TOO_LARGE: 422,
  POSITION_INVALID: 422,
};

/** Every code that a problem document of this API can have, and the HTTP status that it comes with. */
export const problemCodes = {
  MALFORMED_JSON: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  NO_SUCH_FILE: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  IDEMPOTENCY_KEY_REUSED: 409,
  IDEMPOTENT_REQUEST_RUNNING: 409,
  JOB_ENDED: 409,
  JOB_NOT_ENDED: 409,
  NOTHING_FAILED: 409,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INVALID_INPUT: 422,
  UNKNOWN_WORKLOAD: 422,
  OPTIONS_INVALID: 422,
  SOURCE_NOT_FOUND: 422,
  TOO_MANY_FILES: 422,
  WEBHOOKS_NOT_CONFIGURED: 422,
  ...fileCodes,
  SERVICE_UNAVAILABLE: 503,
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** What may be wrong with a file. */
export const fileProblems = Object.keys(fileCodes) as FileErrorCode[];

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problemCodes, code);
