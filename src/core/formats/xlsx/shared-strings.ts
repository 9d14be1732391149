import { FileError } from '../file-error.ts';
import type { ReadLimits } from '../options.ts';
import { fromCellText } from './cell-text.ts';
import type { Package } from './package.ts';
import { visitXml } from './xml.ts';

/** The approximate cost of a string besides its characters, in characters. */
const overhead = 16;

/** The strings that cells refer to by number, all in memory. Throws `SHARED_STRINGS_TOO_LARGE`. */
export async function readSharedStrings(
  parts: Package,
  path: string | undefined,
  { maxSharedStringChars, maxCellChars }: ReadLimits,
): Promise<readonly string[]> {
  const strings: string[] = [];
  if (path === undefined || !parts.has(path)) return strings;
  let chars = 0;
  let current = '';
  let inText = false;
  let phonetic = false;
  const visitor = {
    open(name: string) {
      if (name === 'si') current = '';
      else if (name === 'rPh') phonetic = true;
      else if (name === 't') inText = !phonetic;
    },
    text(text: string) {
      if (inText) current += text;
    },
    close(name: string) {
      if (name === 't') inText = false;
      else if (name === 'rPh') phonetic = false;
      if (name !== 'si') return;
      chars += current.length + overhead;
      if (chars > maxSharedStringChars) {
        throw new FileError(
          'SHARED_STRINGS_TOO_LARGE',
          `The workbook has more than ${maxSharedStringChars} characters of shared strings: save it as CSV`,
          { maxSharedStringChars },
        );
      }
      strings.push(fromCellText(current));
    },
  };
  await visitXml(await parts.open(path), visitor, maxCellChars);
  return strings;
}
