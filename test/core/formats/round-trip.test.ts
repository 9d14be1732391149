import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Delimiter, delimiters, formats } from '../../../src/core/formats/format.ts';
import { membersOf, readAll, readInTurns, readValues, write } from './files.ts';
import { chunkSizes, tables } from './tables.ts';

describe.each(formats)('any table written as %s', (format) => {
  const numRuns = format === 'xlsx' ? 100 : 300;

  it('is read again as it was, however its bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(tables, chunkSizes, fc.boolean(), async ({ columns, rows }, sizes, gzip) => {
        const bytes = await write(rows, { format, columns, gzip });
        const read = await readAll(bytes, { chunkSizes: sizes });
        expect(read.map(({ value }) => membersOf(value))).toEqual(
          rows.map((row) => columns.map((name) => [name, row[name]])),
        );
      }),
      { numRuns },
    );
  });

  it('is read in turns that stop after any row as it is in one go', async () => {
    await fc.assert(
      fc.asyncProperty(
        tables,
        chunkSizes,
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async ({ columns, rows }, sizes, gzip, batchSize) => {
          const bytes = await write(rows, { format, columns, gzip });
          const asked = { chunkSizes: sizes, batchSize };
          expect(await readInTurns(bytes, asked)).toEqual(await readAll(bytes));
        },
      ),
      { numRuns: numRuns / 2 },
    );
  });
});

it('any CSV is told from its content with every delimiter, row end and encoding', async () => {
  const encode = {
    'utf-8': (text: string) => Buffer.from(text),
    'utf-8 with a mark': (text: string) => Buffer.from(`\ufeff${text}`),
    'utf-16le': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    'utf-16be': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  };
  await fc.assert(
    fc.asyncProperty(
      tables,
      chunkSizes,
      fc.constantFrom<Delimiter>(...delimiters),
      fc.constantFrom<'\n' | '\r\n'>('\n', '\r\n'),
      fc.constantFrom(...(Object.keys(encode) as (keyof typeof encode)[])),
      async ({ columns, rows }, sizes, delimiter, newline, encoding) => {
        const written = await write(rows, { format: 'csv', columns, delimiter, newline });
        const bytes = encode[encoding](written.toString());
        expect(await readValues(bytes, { chunkSizes: sizes })).toEqual(rows);
        expect(await readInTurns(bytes, { chunkSizes: sizes, batchSize: 1 })).toEqual(await readAll(bytes));
      },
    ),
    { numRuns: 300 },
  );
});

it('rows with problems, blank lines and endless last lines are read in turns as in one go', async () => {
  const line = fc.constantFrom(
    '1,2',
    '',
    '"a\nb",c',
    '1,2,3',
    '"x"y,1',
    '"",',
    '{"a":1}',
    '[1]',
    '"é",😀',
    '{',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 10 }),
      chunkSizes,
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom<'csv' | 'jsonl'>('csv', 'jsonl'),
      fc.constantFrom('\n', '\r\n', '\r'),
      async (lines, sizes, batchSize, format, newline) => {
        fc.pre(format === 'csv' || newline !== '\r');
        const bytes = Buffer.from(['a,b', '1,1', ...lines].join(newline));
        const once = await readAll(bytes, { format });
        expect(once.length).toBeGreaterThan(0);
        expect(await readInTurns(bytes, { format, chunkSizes: sizes, batchSize })).toEqual(once);
      },
    ),
    { numRuns: 300 },
  );
});
