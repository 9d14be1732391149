import { anyType } from '../../json/shape.ts';
import { serialOf } from './dates.ts';
import type { NumberKind } from './styles.ts';

/**
 * What a cell holds, in a letter, beside the text that stands for it in a row. With it, a number, a date or a percentage
 * leaves as such, while a text that only looks like one stays a text.
 */
const letters = {
  number: 'n',
  boolean: 'b',
  date: 'd',
  datetime: 's',
  time: 't',
  duration: 'u',
  percent: 'p',
  exactPercent: 'q',
} as const;

export type CellType = (typeof letters)[keyof typeof letters] | typeof anyType;

export const booleanType = letters.boolean;
export const textType = anyType;

export function numberType(kind: NumberKind | undefined): CellType {
  return letters[kind ?? 'number'];
}

/** A whole number with more digits than a double may hold: a reader keeps those that the file has. */
export const longNumber = /^-?[1-9]\d{15,}$/;

/** The styles of a written workbook, as `parts.ts` declares them. */
const styles: Partial<Record<string, number>> = { d: 1, s: 2, t: 3, u: 4, p: 5, q: 6 };

/** The type's cell for a text, from its style on; undefined if the text is no longer one of that type. */
export function typedCell(type: string, text: string): string | undefined {
  if (type === booleanType) {
    return text === 'TRUE' || text === 'FALSE' ? `" t="b"><v>${text === 'TRUE' ? 1 : 0}</v></c>` : undefined;
  }
  const value = numberIn(type, text);
  const style = styles[type];
  return value === undefined ? undefined : `"${style ? ` s="${style}"` : ''}><v>${value}</v></c>`;
}

function numberIn(type: string, text: string): number | string | undefined {
  if (type === letters.date) return serialOf(text, 'date');
  if (type === letters.datetime) return serialOf(text, 'datetime');
  if (type === letters.time) return serialOf(text, 'time');
  if (type === letters.duration) return serialOf(text, 'duration');
  if (longNumber.test(text)) return text;
  // The reader writes a number in this way only.
  const value = Number(text);
  return Number.isFinite(value) && String(value) === text ? value : undefined;
}
