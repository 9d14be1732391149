import { type Batch, Batcher } from '../batch.ts';
import { FileError, rowTooLarge } from '../file-error.ts';
import { rowRenamer } from '../header.ts';
import type { ParsedReadOptions } from '../options.ts';
import type { Position } from '../position.ts';
import type { TextWindow } from '../text-window.ts';
import { elementEnd } from './array-scanner.ts';
import { isBlank, parseElement } from './element.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: NULs and Ctrl-Z may follow the end of a text
const notBlank = /[^\s\u0000\u001a]/g;

/**
 * Reads the elements of one JSON array. `start` says how many elements precede the window (undefined: the
 * array itself is still to come), and whether the array's end has already been read.
 */
export async function* readJsonArray(
  window: TextWindow,
  start: { row: number; closed: boolean } | undefined,
  options: ParsedReadOptions,
  at: (row: number, closed: boolean) => Position,
): AsyncGenerator<Batch, void, void> {
  const { maxRowChars } = options.limits;
  const batcher = new Batcher(options);
  const rename = rowRenamer(options.wanted, options.onWarning);
  let row = start?.row ?? 0;
  let closed = start?.closed ?? false;
  if (!start) await openArray(window);
  while (!closed) {
    let offset = 0;
    while (!closed && !batcher.full(offset)) {
      const end = elementEnd(window.text, offset);
      if (end < 0) {
        if (window.text.length - offset > maxRowChars) throw rowTooLarge(row + 1, maxRowChars);
        if (window.ended) throw truncated(row + 1);
        batcher.chars += offset;
        window.drop(offset);
        offset = 0;
        await window.more(row + 1);
        continue;
      }
      if (end - offset > maxRowChars) throw rowTooLarge(row + 1, maxRowChars);
      const json = window.text.slice(offset, end);
      const bracket = window.text[end];
      // The content of brackets may be wrong in many ways, but a bracket of the wrong kind does not end the
      // array.
      if (bracket === '}')
        throw new FileError('JSON_INVALID', `There is one } too many after row ${row}`, { row });
      closed = bracket === ']';
      offset = end + 1;
      // An empty array, or a comma after the last element.
      if (closed && json.trim() === '') break;
      row++;
      const element = parseElement(row, json, rename);
      if (isBlank(element)) batcher.blank++;
      else batcher.rows.push(element);
    }
    window.drop(offset);
    if (closed) await checkEnd(window, row);
    if (batcher.rows.length > 0 || (batcher.pending && (batcher.taken > 0 || !closed))) {
      yield batcher.take(at(row, closed));
    }
  }
  if (row === 0) throw new FileError('FILE_HAS_NO_ROWS', 'The array is empty');
  if (!start && batcher.taken === 0)
    throw new FileError('FILE_HAS_NO_ROWS', 'No row of the file has a value');
}

async function openArray(window: TextWindow): Promise<void> {
  await skipBlanks(window, 1);
  if (window.text === '') throw new FileError('FILE_EMPTY', 'The file is empty');
  if (!window.text.startsWith('[')) {
    throw new FileError('JSON_INVALID', 'The file is neither a JSON array of objects nor JSON Lines');
  }
  window.drop(1);
}

async function checkEnd(window: TextWindow, row: number): Promise<void> {
  await skipBlanks(window, row);
  if (window.text !== '') {
    throw new FileError('JSON_INVALID', `More text follows the end of the array, after row ${row}`, { row });
  }
}

async function skipBlanks(window: TextWindow, row: number): Promise<void> {
  for (;;) {
    notBlank.lastIndex = 0;
    const found = notBlank.exec(window.text);
    window.drop(found ? found.index : window.text.length);
    if (found || window.ended) return;
    await window.more(row);
  }
}

function truncated(row: number): FileError {
  return new FileError('FILE_TRUNCATED', `The file ends within the array, at row ${row}`, { row });
}
