import type { Blobs } from '../../core/jobs/model/ports.ts';

/**
 * The first `chars` characters of a stored text, or all of a shorter one; undefined if it does not exist. Reads
 * little more.
 */
export async function firstChars(blobs: Blobs, key: string, chars: number): Promise<string | undefined> {
  const chunks = await blobs.read(key);
  if (chunks === undefined) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= chars) break;
  }
  return text.slice(0, chars);
}
