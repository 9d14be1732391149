import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { FileError } from '../file-error.ts';
import { damaged } from './package.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Handles the parts of an XML text. Names come without their prefix. */
export interface XmlVisitor {
  open(name: string, attributes: Attributes): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** A parser that calls the visitor. It never loads external entities or expands internal ones. */
export function xmlParser(
  visitor: XmlVisitor,
  maxTextChars: number,
): { write(text: string): void; end(): void } {
  const parser = new SaxesParser({ xmlns: false, position: false });
  /** Characters since the last find: the parser keeps an unfinished text in memory. */
  let unfinished = 0;
  parser.on('error', (error) => {
    throw new FileError('NOT_A_WORKBOOK', 'The workbook has XML that is not valid', undefined, error);
  });
  parser.on('opentag', ({ name, attributes }) => {
    unfinished = 0;
    visitor.open(local(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    unfinished = 0;
    visitor.close?.(local(name));
  });
  if (visitor.text) {
    const text = visitor.text.bind(visitor);
    parser.on('text', text);
    parser.on('cdata', text);
  }
  return {
    write(text) {
      unfinished += text.length;
      parser.write(text);
      if (unfinished > maxTextChars + text.length) {
        throw new FileError(
          'CELL_TOO_LARGE',
          `The workbook has a text of more than ${maxTextChars} characters`,
          {
            maxChars: maxTextChars,
          },
        );
      }
    },
    end: () => void parser.close(),
  };
}

/**
 * Parses a whole part of a workbook, chunk by chunk; throws `NOT_A_WORKBOOK` if it is damaged. The caller may
 * take what `visitor` has collected between two chunks.
 */
export async function* parseXml(
  part: Readable,
  visitor: XmlVisitor,
  maxTextChars: number,
): AsyncGenerator<void, void, void> {
  const decoder = new TextDecoder();
  const parser = xmlParser(visitor, maxTextChars);
  try {
    for await (const chunk of part as AsyncIterable<Buffer>) {
      parser.write(decoder.decode(chunk, { stream: true }));
      yield;
    }
  } catch (error) {
    // A part that does not unpack, or not to the promised size, is only noticed along the way.
    throw error instanceof FileError ? error : damaged(error);
  }
  parser.end();
}

/** {@link parseXml} for parts that are small, or collected as a whole. */
export async function visitXml(part: Readable, visitor: XmlVisitor, maxTextChars: number): Promise<void> {
  for await (const _ of parseXml(part, visitor, maxTextChars));
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
