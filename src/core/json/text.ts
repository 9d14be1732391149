import { randomBytes } from 'node:crypto';
import { deepest, isDeeperThan } from './depth.ts';
import { JsonNumber, sameText } from './number.ts';
import { fromMembers, isIndex, type Named, namesOf, shapeOf } from './shape.ts';

/**
 * Reads and writes JSON so that it leaves as it came: the order of names (see `shape.ts`) and the text of numbers (see
 * `number.ts`). Texts without such names and numbers, which are nearly all, take the engine's own way and its time.
 */

/** A number may be one whose text is not a double's own. Also finds such texts within strings, which does no harm. */
const oddNumber = /(?:^|[[:,\s])(?:-?(?:[\d.]{16}|\d+\.\d*0(?!\d)|[\d.]+[eE]|0\.0{6})|-0(?![.\d]))/;

/** A name that JavaScript would move. An unescaped quote cannot occur in a string, so this finds names only. */
const movedName = /(?<!\\)"((?:0|[1-9]\d{0,9})"\s*:)/;
const movedNames = new RegExp(movedName, 'g');

/** Put before such names while they are read, so that they stay in place. No document can know it. */
const mark = `${randomBytes(12).toString('hex')}_`;

/** Throws a `SyntaxError`, also for a text that is nested more than {@link deepest} levels deep. */
export function parseJson(text: string): unknown {
  if (isDeeperThan(deepest, text)) throw new SyntaxError(`It is nested more than ${deepest} levels deep`);
  const moved = movedName.test(text);
  if (!moved && !oddNumber.test(text)) return JSON.parse(text);
  const marked = moved ? text.replace(movedNames, `"${mark}$1`) : text;
  try {
    return JSON.parse(marked, moved ? restored : numbered);
  } catch (error) {
    // The engine names a place and quotes the text, which must not have marks.
    if (moved) JSON.parse(text);
    throw error;
  }
}

function numbered(_name: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && source !== undefined && !sameText(value, source)
    ? new JsonNumber(source)
    : value;
}

function restored(name: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'object' || value === null) return numbered(name, value, context);
  if (Array.isArray(value) || value instanceof JsonNumber) return value;
  const members = Object.entries(value);
  const isMarked = (one: string) => one.startsWith(mark) && isIndex(one.slice(mark.length));
  if (!members.some(([one]) => isMarked(one))) return value;
  return fromMembers(members.map(([one, of]) => [isMarked(one) ? one.slice(mark.length) : one, of]));
}

/** Like `JSON.stringify` for what {@link parseJson} reads, and for rows. */
export function toJson(value: unknown, space?: number): string {
  return hasOrder(value) ? JSON.stringify(value, inOrder, space) : JSON.stringify(value, null, space);
}

/** Whether only {@link toJson} writes the value as it is, and only {@link parseJson} reads it. */
export function isExotic(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    // By index: most values are texts in the lists of many rows.
    for (let at = 0; at < value.length; at += 1) {
      if (typeof value[at] === 'object' && isExotic(value[at])) return true;
    }
    return false;
  }
  if (value instanceof JsonNumber || hasOwnOrder(value)) return true;
  for (const name in value) if (isExotic((value as Named)[name])) return true;
  return false;
}

/** Whether the value, or anything in it, has names that JavaScript would move. */
function hasOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return false;
  if (hasOwnOrder(value)) return true;
  if (Array.isArray(value)) return value.some(hasOrder);
  for (const name in value) if (hasOrder((value as Named)[name])) return true;
  return false;
}

const hasOwnOrder = (value: object) => shapeOf(value)?.columns.some(isIndex) ?? false;

/** The engine asks a proxy for its names, and writes them in the order of the answer. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !hasOwnOrder(value)) return value;
  return new Proxy(value, { ownKeys: (target) => [...namesOf(target)] });
}
