import { ItemError } from '../../core/engine/errors.ts';

/** Why a file has no text, and whether another attempt can help. */
const retryable = {
  FILE_NOT_FOUND: false,
  FILE_EMPTY: false,
  FILE_TOO_LARGE: false,
  FILE_READ_FAILED: true,
  /** None of the kinds that can be read. */
  FILE_UNSUPPORTED: false,
  FILE_ENCRYPTED: false,
  /** Not what it claims to be, or broken. */
  FILE_DAMAGED: false,
  FILE_HAS_MACROS: false,
  /** A zip bomb, or something near. */
  FILE_EXPANDS_TOO_MUCH: false,
  /** Nothing but pictures, most often: a scan. */
  FILE_HAS_NO_TEXT: false,
  PARSER_TIMED_OUT: false,
  PARSER_OUT_OF_MEMORY: false,
  /** Its thread ended by itself. */
  PARSER_DIED: true,
} as const satisfies Record<string, boolean>;

export type ExtractErrorCode = keyof typeof retryable;

/** A file that cannot be read. Touches no other. */
export class ExtractError extends ItemError {
  declare readonly code: ExtractErrorCode;

  constructor(code: ExtractErrorCode, message: string, options: { cause?: unknown; details?: unknown } = {}) {
    super(code, message, { ...options, retryable: retryable[code] });
  }
}
