import type { DocumentInfo, Kind } from '../document.ts';
import type { ExtractErrorCode } from '../extract-error.ts';

/** What a parser's thread is asked. The bytes go over to it. */
export interface ParseTask {
  kind: Kind;
  bytes: Uint8Array<ArrayBuffer>;
}

/** What it answers, once it has said that it is there: `text` is UTF-8. */
export type ParseReply = ParsedFile | { error: { code: ExtractErrorCode; message: string } };

export interface ParsedFile {
  info: DocumentInfo;
  text: Uint8Array<ArrayBuffer>;
}
