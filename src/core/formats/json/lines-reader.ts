import { type Batch, Batcher } from '../batch.ts';
import { FileError, rowTooLarge } from '../file-error.ts';
import { rowRenamer } from '../header.ts';
import type { ParsedReadOptions } from '../options.ts';
import type { Position } from '../position.ts';
import type { TextWindow } from '../text-window.ts';
import { hasValue } from '../values.ts';
import { isBlank, parseElement } from './element.ts';

/**
 * Reads one JSON object per line. `start.row` is the last line before the window; blank lines count but are
 * not rows.
 */
export async function* readJsonLines(
  window: TextWindow,
  start: { row: number; resumed: boolean },
  options: ParsedReadOptions,
  at: (row: number) => Position,
): AsyncGenerator<Batch, void, void> {
  const { maxRowChars } = options.limits;
  const batcher = new Batcher(options);
  const rename = rowRenamer(options.wanted, options.onWarning);
  let { row } = start;
  let offset = 0;
  for (;;) {
    let end = window.text.indexOf('\n', offset);
    if (end < 0) {
      if (window.text.length - offset > maxRowChars) throw rowTooLarge(row + 1, maxRowChars);
      if (!window.ended) {
        batcher.chars += offset;
        window.drop(offset);
        offset = 0;
        await window.more(row + 1);
        continue;
      }
      if (offset === window.text.length) break;
      end = window.text.length;
    }
    row++;
    if (end - offset > maxRowChars) throw rowTooLarge(row, maxRowChars);
    const line = window.text.slice(offset, end);
    offset = Math.min(end + 1, window.text.length);
    if (!hasValue(line)) continue;
    const element = parseElement(row, line, rename);
    if (isBlank(element)) batcher.blank++;
    else batcher.rows.push(element);
    if (batcher.full(offset)) {
      window.drop(offset);
      offset = 0;
      yield batcher.take(at(row));
    }
  }
  window.drop(offset);
  if (batcher.taken === 0 && batcher.rows.length === 0 && !start.resumed) {
    throw batcher.blank > 0
      ? new FileError('FILE_HAS_NO_ROWS', 'No row of the file has a value')
      : new FileError('FILE_EMPTY', 'The file is empty');
  }
  if (batcher.pending) yield batcher.take(at(row));
}
