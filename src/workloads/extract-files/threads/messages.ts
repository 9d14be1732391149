import type { DocumentInfo, Kind } from '../document.ts';
import type { ExtractErrorCode } from '../extract-error.ts';

/** A request to a parser's thread. The bytes are transferred. */
export interface ParseTask {
  kind: Kind;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Its answer, after it has reported that it is ready. `text` is UTF-8. */
export type ParseReply = ParsedFile | { error: { code: ExtractErrorCode; message: string } };

export interface ParsedFile {
  info: DocumentInfo;
  text: Uint8Array<ArrayBuffer>;
}
