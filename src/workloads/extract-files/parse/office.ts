import { FileError, type FileErrorCode } from '../../../core/formats/file-error.ts';
import { parseReadOptions } from '../../../core/formats/options.ts';
import { openPackage, type Package } from '../../../core/formats/xlsx/package.ts';
import { type Relationship, relationships } from '../../../core/formats/xlsx/workbook.ts';
import { type Attributes, parseXml, type XmlVisitor } from '../../../core/formats/xlsx/xml.ts';
import { ExtractError, type ExtractErrorCode } from '../extract-error.ts';
import type { Draft } from './draft.ts';

/** Limits on a document's unpacked size: a text of 2 million characters has about 20 MB of markup around it. */
export const { limits } = parseReadOptions({
  limits: { maxUncompressedBytes: 512 * 2 ** 20, maxRatio: 200, maxSharedStringChars: 16 * 2 ** 20 },
});

/** First bytes of the container of older Office files, and of all encrypted ones. */
const compoundFile = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);
const encryptedPart = Buffer.from('EncryptedPackage', 'utf16le');
/** Names of parts that only other programs write. */
const outlookPart = Buffer.from('__properties_version1.0', 'utf16le');

const codes: Partial<Record<FileErrorCode, [ExtractErrorCode, string]>> = {
  NOT_A_WORKBOOK: ['FILE_DAMAGED', 'The file is not a document of this kind, or is damaged'],
  NO_SHEETS: ['FILE_DAMAGED', 'The workbook has no sheet of cells'],
  WORKBOOK_ENCRYPTED: ['FILE_ENCRYPTED', 'The file has a password: save it without one'],
  MACROS_NOT_ACCEPTED: ['FILE_HAS_MACROS', 'The file has macros: save it without them'],
};

/**
 * Opens an Office document (a zip of XML, unless `open` says otherwise) for `read`, and closes it. Throws an {@link ExtractError}: checks sizes
 * before and during unpacking.
 */
export async function readPackage(
  bytes: Uint8Array,
  read: (parts: Package) => Promise<void>,
  open: typeof openPackage = openPackage,
): Promise<void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.subarray(0, 4).equals(compoundFile)) {
    if (buffer.includes(encryptedPart)) {
      throw new ExtractError('FILE_ENCRYPTED', 'The file has a password: save it without one');
    }
    throw new ExtractError(
      'FILE_UNSUPPORTED',
      buffer.includes(outlookPart)
        ? 'The file is an e-mail in the format of Outlook (.msg): save it as .eml'
        : 'The file is in the Office format from before 2007: save it in the new format',
    );
  }
  try {
    const parts = await open(buffer, limits);
    try {
      await read(parts);
    } finally {
      parts.close();
    }
  } catch (error) {
    throw explained(error);
  }
}

/** Visits a part, if the document has it, until the draft is full. */
export async function visitPart(
  parts: Package,
  path: string,
  visitor: XmlVisitor,
  enough: () => boolean = () => false,
): Promise<void> {
  if (!parts.has(path)) return;
  for await (const _ of parseXml(await parts.open(path), visitor, limits.maxRowChars)) if (enough()) return;
}

/** The path of the document's main part. */
export async function mainPart(parts: Package, usual: string): Promise<string> {
  const found = (await relationships(parts, '')).find(({ type }) => type === 'officeDocument');
  return found?.path ?? usual;
}

/** An attribute, with any prefix. */
export function attribute(attributes: Attributes, name: string): string | undefined {
  return Object.entries(attributes).find(([key]) => key === name || key.endsWith(`:${name}`))?.[1];
}

/** The title as the author set it. */
export async function titleOf(parts: Package): Promise<string | undefined> {
  let title = '';
  let within = false;
  await visitPart(parts, 'docProps/core.xml', {
    open: (name) => {
      within = name === 'title';
    },
    text: (text) => {
      if (within) title += text;
    },
    close: () => {
      within = false;
    },
  });
  return title.trim() || undefined;
}

/** The words of the diagrams (SmartArt) that a part refers to. */
export async function readDiagrams(
  parts: Package,
  related: readonly Relationship[],
  draft: Draft,
): Promise<void> {
  for (const { path } of related.filter(({ type }) => type === 'diagramData')) {
    await visitPart(parts, path, new DiagramVisitor(draft), () => draft.full);
  }
}

class DiagramVisitor implements XmlVisitor {
  readonly #draft: Draft;
  #paragraph: string | undefined;
  #inText = false;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  open(name: string): void {
    if (name === 'p') this.#paragraph = '';
    else if (this.#paragraph === undefined) return;
    else if (name === 't') this.#inText = true;
    else if (name === 'br') this.#paragraph += '\n';
  }

  text(text: string): void {
    if (this.#inText && this.#paragraph !== undefined) this.#paragraph += text;
  }

  close(name: string): void {
    if (name === 't') this.#inText = false;
    if (name !== 'p' || this.#paragraph === undefined) return;
    this.#draft.write(this.#paragraph, 1);
    this.#paragraph = undefined;
  }
}

/** Content with words of its own that is not read, by the last segment of the relationship's type. */
const leftOut: Readonly<Record<string, string>> = {
  header: 'headers and footers',
  footer: 'headers and footers',
  comments: 'comments',
  threadedComment: 'comments',
  chart: 'charts',
  chartEx: 'charts',
  drawing: 'drawings and charts',
  oleObject: 'embedded files',
  package: 'embedded files',
  aFChunk: 'inserted documents',
};

/** Parts that programs write even if nobody has written anything into them. */
const perhapsEmpty = new Set(['header', 'footer', 'comments', 'threadedComment']);

/** Notes what a part refers to and is not read. */
export async function nameLeftOut(
  parts: Package,
  related: readonly Relationship[],
  draft: Draft,
): Promise<void> {
  for (const { type, path } of related) {
    const what = leftOut[type];
    if (what === undefined) continue;
    if (!perhapsEmpty.has(type) || (await hasLetters(parts, path))) draft.leaveOut(what);
  }
}

/** Whether a part has words, not only numbers of pages. */
async function hasLetters(parts: Package, path: string): Promise<boolean> {
  let found = false;
  let inText = false;
  const visitor: XmlVisitor = {
    open: (name) => {
      inText = name === 't' || name === 'text';
    },
    text: (text) => {
      found ||= inText && /\p{L}/u.test(text);
    },
    close: () => {
      inText = false;
    },
  };
  await visitPart(parts, path, visitor, () => found);
  return found;
}

function explained(error: unknown): unknown {
  if (error instanceof ExtractError) return error;
  // This is yauzl's message for a zip that is truncated or lies about its sizes.
  if (!(error instanceof FileError)) {
    const message = error instanceof Error ? error.message : String(error);
    return new ExtractError('FILE_DAMAGED', `The file is damaged: ${message}`, { cause: error });
  }
  const known = codes[error.code];
  if (known) return new ExtractError(...known, { cause: error });
  return new ExtractError('FILE_EXPANDS_TOO_MUCH', error.message, { cause: error });
}
