import type { Row } from '../../src/core/formats/rows.ts';

/** What a cell of the other reader's may be. */
export type Cell = string | number | boolean | null;

export const columns = [
  'id',
  'name',
  'city',
  'note',
  'price',
  'quantity',
  'active',
  'date',
  'email',
  'empty',
];

const cities = ['Lisbon', 'São Paulo', '東京', 'Αθήνα', 'Zürich'];
const notes = ['plain', 'two\nlines', 'a "quoted" one', '<b>&amp;</b>', ' spaces ', '👩‍🚀', '_x0041_', '007'];

/** The cells of the row with this number, from 0: of all kinds, no two rows alike. */
export function cellsOf(id: number): Cell[] {
  return [
    id,
    `Name ${id}`,
    cities[id % cities.length] ?? null,
    `${notes[id % notes.length]} ${id}`,
    Math.round(id * 137.3) / 100,
    id % 7,
    id % 3 === 0,
    `2026-01-${String(1 + (id % 28)).padStart(2, '0')}`,
    `user${id}@example.com`,
    null,
  ];
}

/** As many at once as a slice has. */
export function* rowsInSlices(count: number): Generator<Row[]> {
  for (let from = 0; from < count; from += 1_000) {
    yield Array.from({ length: Math.min(1_000, count - from) }, (_, offset) => {
      const cells = cellsOf(from + offset);
      return Object.fromEntries(columns.map((column, at) => [column, cells[at]]));
    });
  }
}
