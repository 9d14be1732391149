import iconv from 'iconv-lite';

/** Encodings of fonts, by `\fcharset`. Source: Rich Text Format 1.9.1, "Font Table". */
const ofCharset: Readonly<Record<number, string>> = {
  0: 'windows-1252',
  77: 'macintosh',
  128: 'shift_jis',
  129: 'euc-kr',
  134: 'gbk',
  136: 'big5',
  161: 'windows-1253',
  162: 'windows-1254',
  163: 'windows-1258',
  177: 'windows-1255',
  178: 'windows-1256',
  186: 'windows-1257',
  204: 'windows-1251',
  222: 'windows-874',
  238: 'windows-1250',
  254: 'cp437',
  255: 'cp850',
};

/** Encodings with another name than `cp` and the number of the code page. */
const ofCodePage: Readonly<Record<number, string>> = {
  708: 'iso-8859-6',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  10000: 'macintosh',
  10006: 'macgreek',
  10007: 'maccyrillic',
  10029: 'maccenteuro',
  10081: 'macturkish',
  20866: 'koi8-r',
  28591: 'windows-1252',
  65001: 'utf-8',
};

/** Undefined for the document's own. */
export const encodingOfCharset = (charset: number): string | undefined => ofCharset[charset];

/** Undefined if there is no decoder for the code page. */
export function encodingOfCodePage(page: number): string | undefined {
  const name = ofCodePage[page] ?? `cp${page}`;
  return iconv.encodingExists(name) ? name : undefined;
}

/** The platform's decoder where it has one: it knows the characters that Windows added to Asian code pages. */
export function decodeBytes(bytes: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return iconv.decode(bytes, encoding);
  }
}
