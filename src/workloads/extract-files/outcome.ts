import type { Outcome } from '../../core/jobs/model/job.ts';
import type { Blobs } from '../../core/jobs/model/ports.ts';
import type { DocumentInfo } from './document.ts';

/** A file's outcome. The text is an object of its own, so outcomes stay small. */
export interface ExtractedFile extends DocumentInfo {
  /** The item's name, or the key's last part. */
  name: string;
  key: string;
  bytes: number;
  /** Of the content, in hex. */
  sha256: string;
  /** UTF-8. */
  text: { key: string; bytes: number };
  /** Found earlier in the same content. */
  cached: boolean;
}

/** An outcome as the API shows it: with an expiring link to the text, or null and the reason. */
export async function showFile(outcome: Outcome<ExtractedFile>, blobs: Blobs): Promise<object> {
  if (outcome.status === 'failed') return { ...outcome, output: null };
  const { output } = outcome;
  const url = await blobs.readUrl(output.text.key);
  return { ...outcome, output: { ...output, text: { ...output.text, url } } };
}
