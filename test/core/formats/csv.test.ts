import { describe, expect, it } from 'vitest';
import { encodingOf } from '../../../src/core/formats/encoding.ts';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import type { Header } from '../../../src/core/formats/rows.ts';
import { inChunks, readAll, readInTurns, readValues, text } from './files.ts';

const refusal = (code: string, details?: Record<string, unknown>) => ({
  name: 'FileError',
  code,
  ...(details && { details: expect.objectContaining(details) }),
});

/** Little endian, with a byte order mark. */
function utf32(content: string): Buffer {
  const codes = Uint32Array.from(`\ufeff${content}`, (char) => char.codePointAt(0) ?? 0);
  return Buffer.from(codes.buffer);
}

describe('CSV', () => {
  it('counts rows as a spreadsheet does', async () => {
    const file = text('id,note\n1,"two\nlines"\n\n2,b\n');
    expect(await readAll(file)).toEqual([
      { row: 2, value: { id: '1', note: 'two\nlines' } },
      { row: 4, value: { id: '2', note: 'b' } },
    ]);
  });

  it('fills missing cells with empty strings and drops empty ones beyond the header', async () => {
    expect(await readValues(text('a,b,c\n1\n1,2,3,,\n'))).toEqual([
      { a: '1', b: '', c: '' },
      { a: '1', b: '2', c: '3' },
    ]);
  });

  it('takes a quote within a cell as it is', async () => {
    expect(await readValues(text('size,name\n5" wide,pipe\n'))).toEqual([{ size: '5" wide', name: 'pipe' }]);
  });

  it('reports rows that cannot be used, with what could be read of them, among those that can', async () => {
    const rows = await readAll(text('a,b\n1,2,,x y\n"x"y,2\nok,ok\n1,"2 ""or"" 3" inches",4\n'));
    const doubled = 'Text follows the closing quote: a quote within a cell has to be doubled';
    const beyond = "beyond the header's 2 columns it has";
    expect(rows).toEqual([
      {
        row: 2,
        value: { a: '1', b: '2' },
        problem: { code: 'TOO_MANY_CELLS', column: 4, message: `The row is too long: ${beyond} "", "x y"` },
      },
      {
        row: 3,
        value: { a: '"x"y', b: '2' },
        problem: { code: 'TEXT_AFTER_QUOTE', column: 'a', message: doubled },
      },
      { row: 4, value: { a: 'ok', b: 'ok' } },
      {
        row: 5,
        value: { a: '1', b: '"2 ""or"" 3" inches"' },
        problem: { code: 'TEXT_AFTER_QUOTE', column: 'b', message: `${doubled}; ${beyond} "4"` },
      },
    ]);
  });

  it('quotes only the beginning of what is far too long', async () => {
    const [row] = await readAll(text(`a\n1,${'x'.repeat(10_000)}\n`));
    expect(row?.value).toEqual({ a: '1' });
    expect(row?.problem?.message.length).toBeLessThan(300);
  });

  it.each([
    ['a;b\n1,5;2\n1,7;3\n', { a: '1,5', b: '2' }],
    ['a\tb, c\n1\t2, 3\n', { a: '1', 'b, c': '2, 3' }],
    ['a|b\n1|2\n', { a: '1', b: '2' }],
    ['"x,y";b\n1;2\n', { 'x,y': '1', b: '2' }],
    ['name\n"Smith; John"\n', { name: 'Smith; John' }],
    ['sep=;\r\na,b;c\r\n1;2\r\n', { 'a,b': '1', c: '2' }],
  ])('tells the delimiter of %j', async (content, row) => {
    expect((await readValues(text(content)))[0]).toEqual(row);
  });

  it('of any encoding that it is told goes on at any row, by bytes', async () => {
    const samples = {
      'windows-1252': 'Zürich €',
      'windows-1251': 'Мир',
      'iso-8859-7': 'Αθήνα',
      'koi8-r': 'Ж',
    };
    for (const [label, name] of Object.entries(samples)) {
      const encoding = encodingOf(label);
      if (!encoding) throw new Error(`${label} is unknown`);
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const letters = new TextDecoder(encoding).decode(all);
      const lines = ['name,n', ...[1, 2, 3, 4, 5].map((n) => `${name},${n}`)].join('\n');
      const bytes = Buffer.from([...lines].map((letter) => letters.indexOf(letter)));
      const expected = [1, 2, 3, 4, 5].map((n) => ({ row: n + 1, value: { name, n: String(n) } }));
      expect(await readInTurns(bytes, { encoding, batchSize: 2 }), label).toEqual(expected);
    }
  });

  it('knows encodings by their labels, and a byte that has no meaning in one', async () => {
    const labels = [
      'latin1',
      'CP1252',
      'utf-16',
      'cyrillic',
      'CP932',
      'sjis',
      'gb2312',
      'cp949',
      'utf-32',
      'x',
    ];
    expect(labels.map(encodingOf)).toEqual([
      ...['windows-1252', 'windows-1252', 'utf-16le', 'iso-8859-5', 'shift_jis', 'shift_jis'],
      ...['gbk', 'euc-kr', 'utf-32le', undefined],
    ]);
    const bytes = Buffer.concat([text('a\nb\n'), Buffer.from([0xd2]), text('\n')]);
    await expect(readAll(bytes, { encoding: 'windows-1253' })).rejects.toMatchObject({
      code: 'ENCODING_INVALID',
      details: { row: 3, byte: 4 },
    });
  });

  it('takes the delimiter and encoding it is told', async () => {
    const file = Buffer.from('name;städte,x\n1;2,3\n', 'latin1');
    const options = { delimiter: ',', encoding: 'windows-1252' } as const;
    expect(await readValues(file, options)).toEqual([{ 'name;städte': '1;2', x: '3' }]);
  });

  it('tells the header before the first batch, and is stopped by what that throws', async () => {
    const headers: Header[] = [];
    await readAll(text('a,b\n1,2\n'), { onHeader: (header) => headers.push(header) });
    expect(headers).toEqual([{ columns: ['a', 'b'] }]);
    const onHeader = () => {
      throw new Error('not these columns');
    };
    await expect(readAll(text('a,b\n1,2\n'), { onHeader })).rejects.toThrow('not these columns');
  });

  it.each([
    ['', 'FILE_EMPTY', undefined],
    ['\ufeff', 'FILE_EMPTY', undefined],
    ['\n\r\n\n', 'FILE_EMPTY', undefined],
    ['a,b\n', 'FILE_HAS_NO_ROWS', { row: 1 }],
    ['\na,b', 'FILE_HAS_NO_ROWS', undefined],
    ['a,b,a\n1,2,3\n', 'DUPLICATE_COLUMN', { row: 1, column: 'a', columns: [1, 3] }],
    ['a,b\n1,2\n3,"4\n5,6\n', 'UNBALANCED_QUOTE', { row: 3, column: 'b' }],
    ['a,"b\n1,2\n', 'UNBALANCED_QUOTE', { row: 1, column: 2 }],
  ])('refuses %j: %s', async (content, code, details) => {
    await expect(readAll(text(content))).rejects.toMatchObject(refusal(code, details));
    await expect(readAll(text(content), { chunkSizes: [1] })).rejects.toMatchObject(refusal(code, details));
  });

  it('names row and column of a cell that is too large, long before the end of the file', async () => {
    async function* endless() {
      yield text('a,b\n1,2\n1,"');
      for (;;) yield Buffer.alloc(65_536, 'x\n');
    }
    const reading = openRows(endless(), { batchSize: 1 });
    expect((await reading.next()).value?.rows).toEqual([{ row: 2, value: { a: '1', b: '2' } }]);
    await expect(reading.next()).rejects.toMatchObject(refusal('CELL_TOO_LARGE', { row: 3, column: 'b' }));
  });

  it.each([...Array(40).keys(), 1000])(
    'holds cells and rows to their limits in chunks of %i',
    async (size) => {
      const chunkSizes = [size || 1];
      const limits = { maxCellChars: 10, maxRowChars: 40 };
      const read = (content: string) => readAll(text(content), { limits, chunkSizes });
      const quotes = '"'.repeat(22);
      expect(await read(`a,b\n0123456789,${quotes}\n`)).toHaveLength(1);
      await expect(read('a,b\n1,01234567890\n')).rejects.toMatchObject(
        refusal('CELL_TOO_LARGE', { row: 2, column: 'b' }),
      );
      await expect(read(`a,b\n1,${quotes}""\n`)).rejects.toMatchObject(refusal('CELL_TOO_LARGE', { row: 2 }));
      await expect(read(`a,b\n${'012345678,'.repeat(5)}\n`)).rejects.toMatchObject(
        refusal('ROW_TOO_LARGE', { row: 2 }),
      );
    },
  );

  it('reads the rows before those that are not UTF-8, and names the first one', async () => {
    const file = Buffer.concat([text('a,b\n1,ü\n2,'), Buffer.from([0xfc]), text('\n3,x\n')]);
    for (const chunkSizes of [[1], [3], [1000]]) {
      const reading = openRows(inChunks(file, chunkSizes), { batchSize: 1 });
      expect((await reading.next()).value?.rows).toEqual([{ row: 2, value: { a: '1', b: 'ü' } }]);
      await expect(reading.next()).rejects.toMatchObject(refusal('ENCODING_INVALID', { row: 3, byte: 11 }));
    }
  });

  it.each([
    ['UTF-32 without a mark', utf32('id,name\n1,2\n').subarray(4), 1],
    ['UTF-16 without a mark', Buffer.from('id,name\n1,2\n', 'utf16le'), 1],
    ['a character that is cut off', Buffer.concat([text('a\n1\n'), Buffer.from([0xe2, 0x82])]), 3],
    ['another encoding in a cell', Buffer.concat([text('a\nü\n'), Buffer.from('São Paulo', 'latin1')]), 3],
    ['half a character of UTF-16', Buffer.from('\ufeffa\n1\n', 'utf16le').subarray(0, -1), 2],
  ])('refuses %s', async (_, file, row) => {
    await expect(readAll(file)).rejects.toMatchObject(refusal('ENCODING_INVALID', { row }));
  });

  it('ends a batch early when its rows are large', async () => {
    const file = text(`a\n${'x'.repeat(100)}\n`.replace(/x.*\n/, (row) => row.repeat(50)));
    for (const size of [60, 250, 100_000]) {
      const sizes: number[] = [];
      for await (const { rows } of openRows(inChunks(file, [size]), { limits: { maxBatchChars: 1000 } })) {
        sizes.push(rows.length);
      }
      expect(sizes).toEqual([10, 10, 10, 10, 10]);
    }
  });

  it('closes the source when reading ends early', async () => {
    let closed = 0;
    async function* source() {
      try {
        for (;;) yield text('a,b\n1,2\n'.repeat(50_000));
      } finally {
        closed++;
      }
    }
    for await (const _ of openRows(source())) break;
    await expect(readAll(text('a,a\n1,2\n'))).rejects.toMatchObject({ code: 'DUPLICATE_COLUMN' });
    await expect(openRows(source(), { format: 'json' }).next()).rejects.toMatchObject({
      code: 'JSON_INVALID',
    });
    await expect(
      openRows(source(), { name: 'x.xlsx', limits: { maxWorkbookBytes: 1 } }).next(),
    ).rejects.toThrow();
    expect(closed).toBe(3);
  });

  it('refuses options that it does not know, and a position of something else', async () => {
    const options = { batchSize: 0, delimeter: ',' };
    await expect(readAll(text('a\n1\n'), options)).rejects.toMatchObject({
      code: 'FORMAT_OPTIONS_INVALID',
      details: [{ path: 'batchSize' }, { path: '' }],
    });
    const resume = { format: 'csv', row: 3 } as never;
    await expect(readAll(text('a\n1\n'), { resume })).rejects.toMatchObject({
      code: 'FORMAT_OPTIONS_INVALID',
    });
  });
});
