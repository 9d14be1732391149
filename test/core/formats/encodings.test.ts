import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { encodingOf } from '../../../src/core/formats/encoding.ts';
import { type Asked, gzip, readAll, readInTurns, readValues, readWithWarnings, text } from './files.ts';

describe('Encodings', () => {
  const table = (...names: string[]) => `name,n\n${names.map((name, n) => `${name},${n}\n`).join('')}`;
  const names: Record<string, string[]> = {
    shift_jis: ['株式会社テスト', '東京都', 'ｶﾅ', '表示~\\', '①髙﨑'],
    'euc-jp': ['株式会社', '東京'],
    cp437: ['José', 'ñ'],
    gbk: ['北京', '深圳市', '€'],
    gb18030: ['北京', '𠀀㐀', '😀'],
    'euc-kr': ['서울', '갂힣', '똠방'],
    big5: ['臺北', '許功蓋'],
    'utf-32le': ['ü', '😀'],
    'utf-32be': ['ü', '株'],
  };

  it.each(Object.entries(names))('%s: in any chunks, and on from any row', async (label, words) => {
    const bytes = iconv.encode(table(...words), label);
    const expected = words.map((name, n) => ({ row: n + 2, value: { name, n: String(n) } }));
    for (const size of [1, 2, 3, 5, 1_000]) {
      const asked = { encoding: label, chunkSizes: [size] } as Asked;
      expect(await readAll(bytes, asked)).toEqual(expected);
      expect(await readInTurns(bytes, { ...asked, batchSize: 1 })).toEqual(expected);
    }
    expect(await readInTurns(gzip(bytes), { encoding: label, batchSize: 2 } as Asked)).toEqual(expected);
  });

  it('reads UTF-32 by its mark', async () => {
    for (const label of ['utf-32le', 'utf-32be']) {
      const bytes = iconv.encode(table('a'), label, { addBOM: true });
      expect(await readValues(bytes)).toEqual([{ name: 'a', n: '0' }]);
    }
  });

  it('names the row of bytes that mean nothing, and the encoding', async () => {
    const bytes = Buffer.concat([
      iconv.encode(table('東京', '大阪'), 'cp932'),
      Buffer.from([0x85, 0xff, 10]),
    ]);
    await expect(readAll(bytes, { encoding: 'shift_jis' })).rejects.toMatchObject({
      code: 'ENCODING_INVALID',
      message: 'Row 4 is not SHIFT_JIS',
      details: { row: 4, encoding: 'shift_jis' },
    });
    const cut = iconv.encode(table('東京'), 'cp932').subarray(0, -4);
    await expect(readAll(cut, { encoding: 'shift_jis' })).rejects.toMatchObject({ code: 'ENCODING_INVALID' });
  });

  it.each(['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'])('tells %s without a mark', async (label) => {
    for (const words of [
      ['Иван', 'Москва'],
      ['東京上', '大阪'],
      ['x', '€'],
    ]) {
      const bytes = iconv.encode(table(...words), label, { addBOM: false });
      await expect(readAll(bytes)).rejects.toMatchObject({
        code: 'ENCODING_INVALID',
        message: expect.stringContaining(`set its encoding to ${label}`),
      });
      expect(await readValues(bytes, { encoding: label } as Asked)).toHaveLength(2);
    }
    const lines = iconv.encode('{"a":"Иван"}\n{"a":"я"}\n', label, { addBOM: false });
    await expect(readAll(lines)).rejects.toMatchObject({ code: 'ENCODING_INVALID' });
  });

  it.each(['utf-16le', 'utf-16be'])('takes half a pair for no text: %s', async (label) => {
    for (const [content, row] of [
      ['n\na\ud83db\n', 2],
      ['n\na\n\ude00b\n', 3],
      ['n\na\nb\ud83d', 3],
    ] as const) {
      const bytes = Buffer.from(`\ufeff${content}`, 'utf16le');
      if (label === 'utf-16be') bytes.swap16();
      for (const size of [1, 3, 1_000]) {
        await expect(readAll(bytes, { chunkSizes: [size] })).rejects.toMatchObject({
          code: 'ENCODING_INVALID',
          details: { row },
        });
      }
    }
    const whole = iconv.encode(table('😀', '😀'), label, { addBOM: true });
    for (const size of [1, 2, 3, 1_000])
      expect(await readValues(whole, { chunkSizes: [size] })).toHaveLength(2);
  });

  it('tells ISO-2022-JP, and reads it', async () => {
    const bytes = Buffer.from('name,n\n\x1b$BEl5~\x1b(B,0\n', 'latin1');
    await expect(readAll(bytes)).rejects.toMatchObject({
      code: 'ENCODING_INVALID',
      message: 'The file is ISO-2022-JP: set its encoding to iso-2022-jp, or save it as UTF-8',
    });
    const expected = [{ row: 2, value: { name: '東京', n: '0' } }];
    for (const size of [1, 2, 1_000]) {
      expect(await readAll(bytes, { encoding: 'iso-2022-jp', chunkSizes: [size] })).toEqual(expected);
    }
  });

  it('says so if UTF-8 is read as something else', async () => {
    const bytes = text(table('José', '東京'));
    const { warnings } = await readWithWarnings(bytes, { encoding: 'gbk' });
    expect(warnings).toEqual([
      'ENCODING_UNLIKELY: The file looks like UTF-8, but is read as gbk: check the results, or leave out its encoding',
    ]);
    await expect(readAll(bytes, { encoding: 'utf-16le' })).rejects.toMatchObject({
      message: 'The file is UTF-8, not UTF-16LE',
    });
    expect((await readWithWarnings(text(table('a')), { encoding: 'windows-1252' })).warnings).toEqual([]);
    const latin = Buffer.from(table('José'), 'latin1');
    expect((await readWithWarnings(latin, { encoding: 'windows-1252' })).warnings).toEqual([]);
  });

  it.each([
    ['windows-31j', 'shift_jis'],
    ['euc_jp', 'euc-jp'],
    ['ks_c_5601-1987', 'euc-kr'],
    ['Big5HKSCS', 'big5'],
    ['mac_roman', 'macintosh'],
    ['IBM850', 'cp850'],
    ['utf-8-sig', 'utf-8'],
    ['utf_16_le', 'utf-16le'],
    ['constructor', undefined],
    ['utf-7', undefined],
  ])('takes the name %s', (label, encoding) => {
    expect(encodingOf(label)).toBe(encoding);
  });

  it('tells a header of NULs from UTF-16', async () => {
    for (const content of ['\u0000a\u0000b\u0000\n1\n', '"\u0000x\u0000"\r\n1\r\n', 'a\u0000b\u0000\n1\n']) {
      expect(await readAll(text(content))).toHaveLength(1);
    }
  });
});
