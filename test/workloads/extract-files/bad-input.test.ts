import { describe, expect, it } from 'vitest';
import { docx } from '../../../src/local/demo/extract-files/documents/docx.ts';
import { pdf } from '../../../src/local/demo/extract-files/documents/pdf.ts';
import { zipOf } from '../../../src/local/demo/extract-files/documents/zip.ts';
import { kindOf } from '../../../src/workloads/extract-files/kind.ts';
import { parse } from '../../../src/workloads/extract-files/parse/parse.ts';
import { english, samples } from './samples.ts';

async function failure(name: string, bytes: Buffer): Promise<string> {
  try {
    await parse(kindOf(bytes, name), new Uint8Array(bytes));
    return 'read';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const page = [{ heading: 'Budget', text: english }];
const compoundFile = (part: string) =>
  Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(512), Buffer.from(part, 'utf16le')]);
/** Offset of the unpacked size that the directory of a zip states for a part. */
const statedSize = (zip: Buffer, part: string) => zip.indexOf(part, zip.indexOf('PK\x01\x02')) - 22;
/** A workbook whose sheet unpacks to a gigabyte. */
async function bomb(): Promise<Buffer> {
  const part = 'xl/worksheets/sheet1.xml';
  const bytes = await zipOf({ [part]: '<row/>'.repeat(100_000) });
  bytes.writeUInt32LE(2 ** 30, statedSize(bytes, part));
  return bytes;
}

describe('a file with a reason', () => {
  it.each<[string, string, () => Promise<Buffer>, string]>([
    ['an encrypted PDF', 'a.pdf', () => pdf('', page, { password: 'secret' }), 'FILE_ENCRYPTED'],
    ['a scanned PDF', 'a.pdf', () => pdf('', page, { scanned: true }), 'FILE_HAS_NO_TEXT'],
    ['half a PDF', 'a.pdf', async () => (await samples['report.pdf']()).subarray(0, 500), 'FILE_DAMAGED'],
    ['a PDF that is none', 'a.pdf', async () => Buffer.from('hello'), 'FILE_DAMAGED'],
    ['a PDF with nothing behind its head', 'a.pdf', async () => Buffer.from('%PDF-1.7\n'), 'FILE_DAMAGED'],
    [
      'a document with macros',
      'a.docx',
      () => docx('', [english], { 'word/vbaProject.bin': 'x' }),
      'FILE_HAS_MACROS',
    ],
    ['an encrypted document', 'a.docx', async () => compoundFile('EncryptedPackage'), 'FILE_ENCRYPTED'],
    ['a document of before 2007', 'a.doc', async () => compoundFile('WordDocument'), 'FILE_UNSUPPORTED'],
    [
      'half a document',
      'a.docx',
      async () => (await samples['minutes.docx']()).subarray(0, 700),
      'FILE_DAMAGED',
    ],
    ['a zip without a document', 'a.docx', () => zipOf({ 'readme.txt': 'hello' }), 'FILE_DAMAGED'],
    [
      'a document of broken XML',
      'a.docx',
      () => docx('', [], { 'word/document.xml': '<w:p><' }),
      'FILE_DAMAGED',
    ],
    ['an empty document', 'a.docx', () => docx('', []), 'FILE_HAS_NO_TEXT'],
    ['a zip bomb', 'a.xlsx', bomb, 'FILE_EXPANDS_TOO_MUCH'],
    ['a zip of anything', 'a.zip', () => zipOf({ a: 'b' }), 'FILE_UNSUPPORTED'],
    ['a picture', 'a.txt', async () => Buffer.from('\x89PNG\r\n', 'latin1'), 'FILE_UNSUPPORTED'],
    ['a program', 'a', async () => Buffer.from([1, 2, 0, 3, 0, 0, 9]), 'FILE_UNSUPPORTED'],
    ['nothing', 'a.txt', async () => Buffer.alloc(0), 'FILE_EMPTY'],
    ['blanks', 'a.txt', async () => Buffer.from(' \n\t'), 'FILE_HAS_NO_TEXT'],
  ])('%s', async (_, name, make, code) => {
    expect(await failure(name, await make())).toBe(code);
  });

  it('a zip that lies about its sizes', async () => {
    const bytes = await docx('', [english.repeat(500)]);
    bytes.writeUInt32LE(10, statedSize(bytes, 'word/document.xml'));
    expect(await failure('a.docx', bytes)).toBe('FILE_DAMAGED');
  });
});

describe('a PDF of which a page has no text', () => {
  it('is read, with a warning', async () => {
    const bytes = await pdf('', [...page, { heading: ' ', text: ' ' }]);
    const { info } = await parse('pdf', new Uint8Array(bytes));
    expect(info.warnings).toMatchObject([
      { code: 'PAGES_WITHOUT_TEXT', message: expect.stringContaining(': 2') },
    ]);
  });
});
