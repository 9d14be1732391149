import { extname } from 'node:path';
import type { Kind } from './document.ts';
import { ExtractError } from './extract-error.ts';

const ofExtension: Readonly<Record<string, Kind>> = {
  '.pdf': 'pdf',
  '.docx': 'docx',
  '.docm': 'docx',
  '.dotx': 'docx',
  '.pptx': 'pptx',
  '.pptm': 'pptx',
  '.ppsx': 'pptx',
  '.potx': 'pptx',
  '.xlsx': 'xlsx',
  '.xlsm': 'xlsx',
  '.xltx': 'xlsx',
  '.odt': 'odt',
  '.ott': 'odt',
  '.odp': 'odp',
  '.otp': 'odp',
  '.ods': 'ods',
  '.ots': 'ods',
  '.fodt': 'odt',
  '.fodp': 'odp',
  '.fods': 'ods',
  '.rtf': 'rtf',
  '.epub': 'epub',
  '.eml': 'mail',
  '.mht': 'mail',
  '.mhtml': 'mail',
  '.html': 'html',
  '.htm': 'html',
  '.xhtml': 'html',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.csv': 'csv',
  '.tsv': 'csv',
};

const zips: ReadonlySet<Kind> = new Set(['docx', 'pptx', 'xlsx', 'odt', 'odp', 'ods', 'epub']);
/** Text kinds, which their content does not tell apart. */
const texts: ReadonlySet<Kind> = new Set(['html', 'markdown', 'csv', 'mail']);
/** What a zip says of itself: OpenDocument and EPUB begin with an unpacked file of this content. */
const ofMediaType: readonly [start: string, kind: Kind][] = [
  ['application/epub+zip', 'epub'],
  ['application/vnd.oasis.opendocument.text', 'odt'],
  ['application/vnd.oasis.opendocument.presentation', 'odp'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
];
/** The folder in the zip of an Office file that only this kind has. */
const ofFolder: Readonly<Record<string, Kind>> = { word: 'docx', ppt: 'pptx', xl: 'xlsx' };
/** OpenDocument as one XML file: its first element says what it is. */
const flat = /<office:document\s[^>]*office:mimetype="([^"]+)"/;
/** Bytes within which the first element ends: it declares dozens of namespaces. */
const flatWithin = 16 * 1_024;
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
];
/** Bytes within which a PDF's header may begin: something else may come before it. */
const pdfWithin = 1_024;
/** A mailbox begins each message with a line of its own, such as `From ana@example.com Mon May  4 10:00:00 2026`. */
const mailbox = /^From \S{1,320} .{0,80}\d{4}.{0,40}\r?\n[\w-]+:/;
const anotherInMailbox = /\n\r?\nFrom \S{1,320} .{0,80}\d{4}.{0,40}\r?\n[\w-]+:/;
/** Lines that only mail programs write, and other lines at the top of an e-mail. */
const technicalHeader = /^(received|return-path|delivered-to|message-id|mime-version):/i;
const mailHeader = /^(from|to|subject|date|content-type|content-transfer-encoding):/i;

/**
 * The kind of a file, by its first bytes if they tell, otherwise by its name. Throws `FILE_EMPTY` and
 * `FILE_UNSUPPORTED`.
 */
export function kindOf(bytes: Uint8Array, name: string): Kind {
  if (bytes.length === 0) throw new ExtractError('FILE_EMPTY', 'The file is empty');
  const head = textOf(bytes, pdfWithin);
  const named = ofExtension[extname(name).toLowerCase()];
  const isMail = looksLikeMail(head);
  // A PDF that is attached to an e-mail may begin right below its head.
  if (named !== 'mail' && !isMail && head.includes('%PDF-')) return 'pdf';
  if (head.startsWith('PK')) return kindOfZip(bytes, head, named);
  // An encrypted Office file, or one older than 2007: the parser finds out which.
  if (head.startsWith('\xd0\xcf\x11\xe0')) return named && zips.has(named) ? named : 'docx';
  if (head.startsWith('{\\rtf')) return 'rtf';
  const single = kindOfFlat(bytes, head);
  if (single) return single;
  const other = others.find(([magic]) => head.startsWith(magic));
  if (other) throw unsupported(other[1]);
  if (mailbox.test(head)) {
    if (!anotherInMailbox.test(textOf(bytes))) return 'mail';
    throw new ExtractError(
      'FILE_UNSUPPORTED',
      'The file is a mailbox of many e-mails: save each as a file of its own (.eml)',
    );
  }
  if (named && texts.has(named)) return named;
  if (named) throw new ExtractError('FILE_DAMAGED', `The file is named ${extname(name)}, but is not one`);
  if (/^\s*(<!doctype html|<html)/i.test(head)) return 'html';
  return isMail ? 'mail' : 'text';
}

function kindOfZip(bytes: Uint8Array, head: string, named: Kind | undefined): Kind {
  // A file's header in a zip has 30 bytes; its name and its content follow.
  const mediaType = head.startsWith('mimetype', 30) ? head.slice(38) : '';
  const own = kindOfMediaType(mediaType) ?? kindOfFolders(bytes);
  if (own) return own;
  if (named && zips.has(named)) return named;
  throw unsupported('a zip archive');
}

const kindOfMediaType = (mediaType: string) =>
  ofMediaType.find(([start]) => mediaType.startsWith(start))?.[1];

/** An Office file by the main part that its directory, at the end of the zip, names. */
function kindOfFolders(bytes: Uint8Array): Kind | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.lastIndexOf('PK\x05\x06');
  if (end < 0 || end + 16 > buffer.length) return undefined;
  const directory = buffer.toString('latin1', Math.max(0, end - buffer.readUInt32LE(end + 12)), end);
  if (!directory.includes('[Content_Types].xml')) return undefined;
  const folder = /PK[\s\S]{44}(word|ppt|xl)\/[^/]+\.xml/.exec(directory)?.[1];
  return folder === undefined ? undefined : ofFolder[folder];
}

const textOf = (bytes: Uint8Array, most = bytes.length) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, most)).toString('latin1');

function kindOfFlat(bytes: Uint8Array, head: string): Kind | undefined {
  if (!head.includes('<office:document')) return undefined;
  return kindOfMediaType(flat.exec(textOf(bytes, flatWithin))?.[1] ?? '');
}

/** Whether a text begins with the headers of an e-mail: a name and a colon, or a continued line. */
function looksLikeMail(head: string): boolean {
  const [top = ''] = head.split(/\r?\n\r?\n/);
  const lines = top.split(/\r?\n/);
  // The last line may be cut off.
  if (!lines.slice(0, -1).every((line) => /^([\w-]+:|[ \t])/.test(line))) return false;
  return lines.some((line) => technicalHeader.test(line)) && lines.some((line) => mailHeader.test(line));
}

const unsupported = (what: string) =>
  new ExtractError('FILE_UNSUPPORTED', `The file is ${what}: only documents and text are supported`);
