import { expect, it } from 'vitest';
import { checkColumns, RowNames } from '../../../src/core/formats/columns.ts';
import { fileType, formatOfName } from '../../../src/core/formats/format.ts';
import type { ReadRow, Row } from '../../../src/core/formats/rows.ts';

it('names each missing column with the nearest one there is', () => {
  expect(() =>
    checkColumns(['id', 'E-Mail', 'companyName'], ['id', 'email', 'company_name', 'zip']),
  ).toThrowError(
    expect.objectContaining({
      code: 'MISSING_COLUMN',
      message:
        'There is no column "email" (did you mean "E-Mail"?); There is no column "company_name" (did you mean "companyName"?); There is no column "zip"',
      details: {
        row: 1,
        column: 'email',
        missing: [
          { column: 'email', nearest: 'E-Mail' },
          { column: 'company_name', nearest: 'companyName' },
          { column: 'zip', nearest: undefined },
        ],
        header: ['id', 'E-Mail', 'companyName'],
      },
    }),
  );
  expect(() => checkColumns(['b', 'a'], ['a', 'b'])).not.toThrow();
});

it('misses of rows that name their own columns only what none of them has', () => {
  const rows = (...values: Row[]) => values.map((value, index) => ({ row: index + 2, value }));
  const unreadable = { row: 1, value: { raw: '{' }, problem: { code: 'JSON_INVALID', message: '' } } as const;
  const check = (...added: ReadRow[][]) => {
    const names = new RowNames(['city', 'zip']);
    for (const some of added) names.add(some);
    names.check();
  };
  expect(() => check(rows({ city: null }, { n: 1 }), rows({ zip: 7, n: 2 }))).not.toThrow();
  expect(() => check([])).not.toThrow();
  expect(() => check([unreadable])).not.toThrow();
  expect(() => check([unreadable, ...rows({ zip: 1 }), ...rows({ City: 'a' })])).toThrowError(
    expect.objectContaining({
      code: 'MISSING_COLUMN',
      message: 'There is no column "city" (did you mean "City"?)',
      details: expect.objectContaining({ row: 2, column: 'city', header: ['zip', 'City'] }),
    }),
  );
});

it('tells formats by names and names by formats', () => {
  expect(['x.CSV', 'a/b.tsv.gz', 'c.ndjson', 'd.json', 'e.xlsx', 'f.pdf', 'csv'].map(formatOfName)).toEqual([
    'csv',
    'csv',
    'jsonl',
    'json',
    'xlsx',
    undefined,
    undefined,
  ]);
  expect(fileType('csv', true)).toEqual({ extension: '.csv.gz', contentType: 'application/gzip' });
  expect(fileType('jsonl')).toEqual({ extension: '.jsonl', contentType: 'application/x-ndjson' });
});
