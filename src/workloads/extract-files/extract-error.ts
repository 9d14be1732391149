import { defineErrors, ItemError } from '../../core/engine/errors.ts';

export const extractErrors = defineErrors({
  FILE_NOT_FOUND: {
    retryable: false,
    meaning: 'There is no upload with this key.',
    whatToDo: 'Upload the file first, and use the key from `POST /uploads`.',
  },
  FILE_EMPTY: {
    retryable: false,
    meaning: 'The file is empty.',
    whatToDo: 'Upload the file again.',
  },
  FILE_TOO_LARGE: {
    retryable: false,
    meaning: 'The file has more bytes than a document may have.',
    whatToDo: 'Split the document.',
  },
  FILE_READ_FAILED: {
    retryable: true,
    meaning: 'The file could not be read from the store.',
    whatToDo: 'Retry the job.',
  },
  FILE_UNSUPPORTED: {
    retryable: false,
    meaning: 'The file is of a kind that is not read.',
    whatToDo:
      'Convert it: PDF, Word, PowerPoint, Excel, OpenDocument, Rich Text, EPUB, e-mail, HTML, Markdown, CSV and text are read.',
  },
  FILE_ENCRYPTED: {
    retryable: false,
    meaning: 'The file has a password.',
    whatToDo: 'Save the file without a password.',
  },
  FILE_DAMAGED: {
    retryable: false,
    meaning: 'The file is damaged, or is not what its name says.',
    whatToDo: 'Open it in the program that wrote it, and save it again.',
  },
  FILE_HAS_MACROS: {
    retryable: false,
    meaning: 'The file has macros.',
    whatToDo: 'Save the file without macros.',
  },
  FILE_EXPANDS_TOO_MUCH: {
    retryable: false,
    meaning: 'The file unpacks to more than is accepted.',
    whatToDo: 'Split the document.',
  },
  FILE_HAS_NO_TEXT: {
    retryable: false,
    meaning: 'The file has no text. Most often it is a scan.',
    whatToDo: 'Run character recognition (OCR) on the file first.',
  },
  PARSER_TIMED_OUT: {
    retryable: false,
    meaning: 'Parsing the file takes too long.',
    whatToDo: 'Split the document.',
  },
  PARSER_OUT_OF_MEMORY: {
    retryable: false,
    meaning: 'Parsing the file takes too much memory.',
    whatToDo: 'Split the document.',
  },
  PARSER_DIED: {
    retryable: true,
    meaning: 'The thread that parsed the file ended by itself.',
    whatToDo: 'Retry the job.',
  },
});

export type ExtractErrorCode = keyof typeof extractErrors;

/** A file cannot be read. Other files are not affected. */
export class ExtractError extends ItemError {
  declare readonly code: ExtractErrorCode;

  constructor(code: ExtractErrorCode, message: string, options: { cause?: unknown; details?: unknown } = {}) {
    super(extractErrors[code], message, options);
  }
}
