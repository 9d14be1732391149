import { createReadStream } from 'node:fs';
import { isCompoundFile } from '../detect.ts';
import { FileError } from '../file-error.ts';

/** The stream that holds an encrypted workbook in its container. */
const encrypted = Buffer.from('EncryptedPackage', 'utf16le');

/**
 * Throws `WORKBOOK_ENCRYPTED` or `NOT_A_WORKBOOK` if the file has the old format, which also wraps encrypted
 * workbooks.
 */
export async function refuseCompoundFile(path: string): Promise<void> {
  let before: Buffer | undefined;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (!before && !isCompoundFile(chunk)) return;
    const bytes = before ? Buffer.concat([before, chunk]) : chunk;
    if (bytes.includes(encrypted)) {
      throw new FileError('WORKBOOK_ENCRYPTED', 'The workbook is encrypted: save it without a password');
    }
    before = bytes.subarray(-encrypted.length);
  }
  if (before) {
    throw new FileError('NOT_A_WORKBOOK', 'The file is in the old Excel format (.xls): save it as .xlsx');
  }
}
