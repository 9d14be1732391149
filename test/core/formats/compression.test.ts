import { describe, expect, it } from 'vitest';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import { gzip, inChunks, readAll, readValues, text, workbook } from './files.ts';

const zeros = Buffer.alloc(40 * 2 ** 20, 'a,b\n');

describe('gzip', () => {
  it('is known by its content', async () => {
    expect(await readValues(gzip(text('a,b\n1,2\n')), { name: 'x.csv' })).toEqual([{ a: '1', b: '2' }]);
    const members = Buffer.concat([gzip(text('{"a":1}\n')), gzip(text('{"a":2}\n'))]);
    expect(await readValues(members)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('is refused when it expands too much', async () => {
    await expect(readAll(gzip(zeros), { format: 'csv' })).rejects.toMatchObject({
      code: 'DECOMPRESSION_BOMB',
      details: { maxRatio: 400 },
    });
    const limits = { maxUncompressedBytes: 1000 };
    await expect(readAll(gzip(text('a\n'.repeat(501))), { limits })).rejects.toMatchObject({
      code: 'DECOMPRESSION_BOMB',
      details: limits,
    });
  });

  it('is refused when it is damaged or cut off', async () => {
    const whole = gzip(text(Array.from({ length: 5000 }, (_, i) => `${i},${i * i}`).join('\n')));
    await expect(readAll(whole.subarray(0, -20))).rejects.toMatchObject({ code: 'GZIP_DAMAGED' });
    const damaged = Buffer.from(whole).fill(0xaa, 2000, 2010);
    await expect(readAll(damaged)).rejects.toMatchObject({ name: 'FileError' });
    await expect(readAll(whole.subarray(0, 5))).rejects.toMatchObject({ code: 'GZIP_DAMAGED' });
  });

  it('passes on what its source throws', async () => {
    const file = gzip(text('a,b\n1,2\n'.repeat(1000)));
    async function* failing() {
      yield* inChunks(file, [50]);
      throw new Error('connection lost');
    }
    const reading = openRows(failing(), { batchSize: 10_000 });
    await expect(reading.next()).rejects.toThrow('connection lost');
  });

  it('cannot be resumed beyond its end', async () => {
    const file = gzip(text('a\n1\n2\n'));
    const { value } = await openRows(inChunks(file)).next();
    const position = value?.position;
    if (position?.format !== 'csv') throw new Error('no position');
    const resume = { ...position, byteOffset: 100 };
    await expect(readAll(file, { resume })).rejects.toMatchObject({ code: 'POSITION_INVALID' });
  });
});

it('a workbook is refused by the sizes of its parts', async () => {
  const sheet = `<row r="1"><c t="inlineStr"><is><t>a</t></is></c></row>${' '.repeat(40 * 2 ** 20)}`;
  const file = await workbook({ sheets: { S: sheet } });
  await expect(readAll(file)).rejects.toMatchObject({ code: 'DECOMPRESSION_BOMB' });
  const small = await workbook({ sheets: { S: '' } });
  await expect(readAll(small, { limits: { maxUncompressedBytes: 100 } })).rejects.toMatchObject({
    code: 'DECOMPRESSION_BOMB',
  });
  await expect(readAll(small, { limits: { maxWorkbookBytes: 100 } })).rejects.toMatchObject({
    code: 'FILE_TOO_LARGE',
  });
});
