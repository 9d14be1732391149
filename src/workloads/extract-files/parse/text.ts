import { decodeText } from './decode-text.ts';
import type { Draft } from './draft.ts';

/** A file of plain text, as it is. */
export async function parseText(bytes: Uint8Array, draft: Draft): Promise<void> {
  draft.write(decodeText(bytes, draft).replace(/\r\n?/g, '\n'));
}
