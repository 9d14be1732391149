import { extname } from 'node:path';
import type { Kind } from './document.ts';
import { ExtractError } from './extract-error.ts';

const ofExtension: Readonly<Record<string, Kind>> = {
  '.pdf': 'pdf',
  '.docx': 'docx',
  '.docm': 'docx',
  '.pptx': 'pptx',
  '.pptm': 'pptx',
  '.xlsx': 'xlsx',
  '.xlsm': 'xlsx',
  '.html': 'html',
  '.htm': 'html',
  '.xhtml': 'html',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.csv': 'csv',
  '.tsv': 'csv',
};

const zips: ReadonlySet<Kind> = new Set(['docx', 'pptx', 'xlsx']);
/** Text kinds, which their content does not tell apart. */
const texts: ReadonlySet<Kind> = new Set(['html', 'markdown', 'csv']);
/** First bytes of files that are no documents. Each has a name, so that the error can give a useful reason. */
const others: readonly [magic: string, name: string][] = [
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['GIF8', 'a picture'],
  ['RIFF', 'a picture, sound or film'],
  ['\x1f\x8b', 'a gzip archive'],
  ['7z\xbc\xaf', 'a 7z archive'],
  ['Rar!', 'a rar archive'],
  ['\x7fELF', 'a program'],
  ['MZ\x90', 'a program'],
  ['{\\rtf', 'Rich Text'],
];
/** Bytes within which a PDF's header may begin: something else may come before it. */
const pdfWithin = 1_024;

/**
 * The kind of a file, by its first bytes if they tell, otherwise by its name. Throws `FILE_EMPTY` and
 * `FILE_UNSUPPORTED`.
 */
export function kindOf(bytes: Uint8Array, name: string): Kind {
  if (bytes.length === 0) throw new ExtractError('FILE_EMPTY', 'The file is empty');
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, pdfWithin)).toString(
    'latin1',
  );
  const named = ofExtension[extname(name).toLowerCase()];
  if (head.includes('%PDF-')) return 'pdf';
  if (head.startsWith('PK')) {
    if (named && zips.has(named)) return named;
    throw unsupported('a zip archive');
  }
  // An encrypted Office file, or one older than 2007: the parser finds out which.
  if (head.startsWith('\xd0\xcf\x11\xe0')) return named && zips.has(named) ? named : 'docx';
  const other = others.find(([magic]) => head.startsWith(magic));
  if (other) throw unsupported(other[1]);
  if (named && texts.has(named)) return named;
  if (named) throw new ExtractError('FILE_DAMAGED', `The file is named ${extname(name)}, but is not one`);
  return /^\s*(<!doctype html|<html)/i.test(head) ? 'html' : 'text';
}

const unsupported = (what: string) =>
  new ExtractError('FILE_UNSUPPORTED', `The file is ${what}: only documents and text are supported`);
