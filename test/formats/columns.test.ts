import { expect, it } from 'vitest';
import { checkColumns } from '../../src/formats/columns.ts';
import { fileType, formatOfName } from '../../src/formats/format.ts';

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
