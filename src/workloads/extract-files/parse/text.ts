import { decodeText } from './decode-text.ts';
import type { Draft } from './draft.ts';

/** A plain text file, unchanged. */
export async function parseText(bytes: Uint8Array, draft: Draft): Promise<void> {
  draft.write(decodeText(bytes, draft).replace(/\r\n?/g, '\n'));
}
