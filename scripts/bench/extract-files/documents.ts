import { docx } from '../../../src/local/demo/extract-files/documents/docx.ts';
import { pdf } from '../../../src/local/demo/extract-files/documents/pdf.ts';
import { prose } from '../../../src/local/demo/extract-files/documents/prose.ts';
import { xlsx } from '../../../src/local/demo/extract-files/documents/xlsx.ts';

export const prefix = 'uploads/bench/';

/** Documents of some pages, no two alike: 2 of 5 are PDFs, as many Word documents, the rest workbooks. */
export async function documents(count: number): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (let n = 0; n < count; n += 1) {
    const [extension, bytes] = await document(n);
    files.set(`${prefix}${String(n).padStart(3, '0')}.${extension}`, bytes);
  }
  return files;
}

async function document(n: number): Promise<[extension: string, bytes: Buffer]> {
  const title = `Document ${n}`;
  if (n % 5 === 4) {
    const rows = Array.from({ length: 1_000 }, (_, at) => ({
      id: n * 1_000 + at,
      note: prose(1, n + at),
      at,
    }));
    return ['xlsx', await xlsx('Data', rows)];
  }
  if (n % 5 < 2) {
    const pages = Array.from({ length: 10 }, (_, at) => ({
      heading: `${title}, ${at}`,
      text: prose(25, n + at),
    }));
    return ['pdf', await pdf(title, pages)];
  }
  const blocks = Array.from({ length: 150 }, (_, at) => prose(4, n + at));
  return ['docx', await docx(title, [{ heading: title, level: 1 }, ...blocks])];
}

/** A file of a few words: what takes time is that it comes from far away. */
export const notes = (count: number): Map<string, Buffer> =>
  new Map(
    Array.from({ length: count }, (_, n) => [
      `${prefix}${n}.txt`,
      Buffer.from(`${prose(20, n)} Number ${n}.`),
    ]),
  );
