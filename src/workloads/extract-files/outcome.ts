import type { Outcome } from '../../core/jobs/model/job.ts';
import type { Blobs } from '../../core/jobs/model/ports.ts';
import type { DocumentInfo } from './document.ts';

/** What became of a file. Its text is an object of its own: outcomes stay small. */
export interface ExtractedFile extends DocumentInfo {
  /** As the item has it, or the key's last part. */
  name: string;
  key: string;
  bytes: number;
  /** Of its content, in hex. */
  sha256: string;
  /** UTF-8. */
  text: { key: string; bytes: number };
  /** Found before, in the same content. */
  cached: boolean;
}

/** An outcome as the API shows it: with a link to the text that expires, or null and the reason. */
export async function showFile(outcome: Outcome<ExtractedFile>, blobs: Blobs): Promise<object> {
  if (outcome.status === 'failed') return { ...outcome, output: null };
  const { output } = outcome;
  const url = await blobs.readUrl(output.text.key);
  return { ...outcome, output: { ...output, text: { ...output.text, url } } };
}
