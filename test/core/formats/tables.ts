import fc from 'fast-check';
import type { Row } from '../../../src/core/formats/rows.ts';
import { hasValue } from '../../../src/core/formats/values.ts';

/** What breaks readers: quotes, row ends, delimiters, spaces, marks, escapes, and characters of one to four bytes. */
const awkward = fc.constantFrom(
  ...['"', '""', '\n', '\r', '\r\n', ',', ';', '\t', '|', ' ', '\ufeff', "'", '=', '[', '{', '\\'],
  ...[
    'ü',
    '€',
    '😀',
    'é',
    '\u0000',
    '\u0001',
    '\u001f',
    '\ufffe',
    '_x000D_',
    '_x005F_x',
    '&amp;',
    '<t>',
    ']]>',
  ],
);
const anyText = fc.oneof(
  fc.string({ unit: fc.oneof(awkward, fc.string({ minLength: 1, maxLength: 3 })), maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

/** Names that objects would move to the front, take for something of their own, or find without having them. */
const hostileName = fc.constantFrom(
  '2019',
  '10',
  '0',
  '007',
  '4294967295',
  '__proto__',
  'constructor',
  'toJSON',
);
/** A column without a name to see would get another one. */
const plainName = anyText.filter(hasValue);
const column = fc.oneof({ weight: 3, arbitrary: plainName }, hostileName);

const withValue = (cells: string[]) => (cells.some(hasValue) ? cells : ['x', ...cells.slice(1)]);

export interface Table {
  columns: string[];
  rows: Row[];
}

/** Any table of strings with at least one row, and a value in each row: others are no items. */
export const tables: fc.Arbitrary<Table> = fc
  .uniqueArray(column, { minLength: 1, maxLength: 5 })
  .chain((columns) =>
    fc
      .array(fc.tuple(...columns.map(() => anyText)).map(withValue), { minLength: 1, maxLength: 12 })
      .map((rows) => ({
        columns,
        rows: rows.map((cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i]]))),
      })),
  );

/** Sizes of the chunks in which a file arrives. */
export const chunkSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
