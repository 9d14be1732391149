import type { Draft } from './draft.ts';
import { decodeBytes, encodingOfCharset, encodingOfCodePage } from './rtf-encoding.ts';

/** A control word with its number, a byte in hex, a control symbol, a bracket, or text. */
const token = /\\([a-z]+)(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([\s\S])|([{}])|([^\\{}\r\n]+)/gi;

/** Groups that are no text of the document. */
const hidden = new Set(
  (
    'colortbl datafield fldinst fonttbl generator info listtable listoverridetable nonshppict objdata pict ' +
    'revtbl rsidtbl shprslt sn sp stylesheet sv tc themedata xe xmlnstbl'
  ).split(' '),
);
/** Groups that are text, although a reader that does not know them may pass over them. */
const shown = new Set(['footnote', 'shpinst', 'shptxt']);
/** Groups with words of their own that are left out, and what to call them. */
const leftOut: Readonly<Record<string, string>> = {
  header: 'headers and footers',
  headerf: 'headers and footers',
  headerl: 'headers and footers',
  headerr: 'headers and footers',
  footer: 'headers and footers',
  footerf: 'headers and footers',
  footerl: 'headers and footers',
  footerr: 'headers and footers',
  annotation: 'comments',
  objdata: 'embedded files',
};

const characters: Readonly<Record<string, string>> = {
  par: '\n',
  // It stands in the middle of what it belongs to.
  footnote: ' ',
  line: '\n',
  page: '\n',
  sect: '\n',
  tab: '\t',
  bullet: '•',
  emdash: '—',
  endash: '–',
  emspace: ' ',
  enspace: ' ',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  '~': ' ',
  _: '-',
  '\n': '\n',
  '\r': '\n',
};

/** What holds until the end of a group. */
interface Group {
  /** It is no text of the document. */
  skipped: boolean;
  /** It is text that is not shown. */
  concealed: boolean;
  /** Letters for older readers after each Unicode character. */
  fallback: number;
  font: number;
  inTitle: boolean;
  isFontTable: boolean;
}

/** The text of a Rich Text document with its tables and outline. */
export async function parseRtf(bytes: Uint8Array, draft: Draft): Promise<void> {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const reader = new RtfReader(draft);
  token.lastIndex = 0;
  for (let found = token.exec(source); found && !draft.full; found = token.exec(source)) {
    const [, word, number, hex, symbol, bracket, text] = found;
    if (word !== undefined) {
      const value = number === undefined ? undefined : Number(number);
      // Raw bytes, which may hold brackets.
      if (word === 'bin') token.lastIndex += Math.max(0, value ?? 0);
      else reader.control(word, value);
    } else if (hex !== undefined) reader.bytes(String.fromCharCode(Number.parseInt(hex, 16)));
    else if (symbol !== undefined) reader.symbol(symbol);
    else if (bracket !== undefined) reader.bracket(bracket);
    else if (text !== undefined) reader.bytes(text);
  }
  reader.end();
}

class RtfReader {
  readonly #draft: Draft;
  readonly #groups: Group[] = [];
  #group: Group = {
    skipped: false,
    concealed: false,
    fallback: 1,
    font: -1,
    inTitle: false,
    isFontTable: false,
  };
  readonly #encodings = new Map<number, string>();
  #encoding = 'windows-1252';
  /** Bytes that are not decoded yet: a character may be two of them. */
  #bytes = '';
  #toSkip = 0;
  /** Right after a bracket, the next word names the group. */
  #isFirst = false;
  #mayIgnore = false;
  #text = '';
  #title = '';
  #cells: string[] = [];
  #inTable = false;
  #level: number | undefined;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  bracket(which: string): void {
    this.#flush();
    if (which === '{') {
      this.#groups.push(this.#group);
      this.#group = { ...this.#group };
      this.#isFirst = true;
    } else {
      this.#group = this.#groups.pop() ?? this.#group;
      this.#isFirst = false;
    }
    this.#mayIgnore = false;
    this.#toSkip = 0;
  }

  bytes(text: string): void {
    this.#isFirst = false;
    const kept = text.slice(this.#toSkip);
    this.#toSkip = Math.max(0, this.#toSkip - text.length);
    if (!this.#group.skipped || this.#group.inTitle) this.#bytes += kept;
  }

  symbol(symbol: string): void {
    if (symbol === '*') {
      this.#mayIgnore = this.#isFirst;
      return;
    }
    this.#isFirst = false;
    if (this.#toSkip > 0) this.#toSkip -= 1;
    // They may be the second byte of a character.
    else if (/[\\{}]/.test(symbol)) this.bytes(symbol);
    else {
      this.#flush();
      this.#add(characters[symbol] ?? '');
    }
  }

  control(word: string, value: number | undefined): void {
    this.#flush();
    if (this.#isFirst) this.#open(word);
    this.#isFirst = false;
    this.#toSkip = 0;
    switch (word) {
      case 'ansicpg':
        this.#codePage(value ?? 1252);
        break;
      case 'mac':
        this.#encoding = 'macintosh';
        break;
      case 'pc':
        this.#encoding = 'cp437';
        break;
      case 'pca':
        this.#encoding = 'cp850';
        break;
      case 'f':
        this.#group.font = value ?? -1;
        break;
      case 'fcharset':
        if (this.#group.isFontTable) this.#fontCharset(value ?? 0);
        break;
      case 'uc':
        this.#group.fallback = value ?? 1;
        break;
      case 'u':
        this.#add(String.fromCharCode((value ?? 0) & 0xffff));
        this.#toSkip = this.#group.fallback;
        break;
      case 'v':
      case 'deleted':
        this.#group.concealed = value !== 0;
        break;
      case 'pard':
        this.#level = undefined;
        this.#inTable = false;
        break;
      case 'intbl':
        this.#inTable = true;
        break;
      case 'outlinelevel':
        this.#level = (value ?? 0) + 1;
        break;
      case 'cell':
      case 'nestcell':
        this.#endCell();
        break;
      case 'row':
        this.#endRow();
        break;
      default:
        this.#add(characters[word] ?? '');
        if (word === 'par' || word === 'sect') this.#endParagraph();
    }
  }

  end(): void {
    this.#flush();
    this.#endRow();
    this.#inTable = false;
    this.#endParagraph();
    this.#draft.title = this.#title.trim() || undefined;
  }

  #open(word: string): void {
    const what = leftOut[word];
    if (what !== undefined) this.#draft.leaveOut(what);
    const unknown = this.#mayIgnore && !shown.has(word);
    if (unknown || hidden.has(word) || what !== undefined) this.#group.skipped = true;
    if (word === 'fonttbl') this.#group.isFontTable = true;
    if (word === 'title') this.#group.inTitle = true;
    this.#mayIgnore = false;
  }

  #codePage(page: number): void {
    const encoding = encodingOfCodePage(page);
    if (encoding !== undefined) this.#encoding = encoding;
    else this.#draft.warn('ENCODING_GUESSED', `Code page ${page} is not known: read as ${this.#encoding}`);
  }

  #fontCharset(charset: number): void {
    const encoding = encodingOfCharset(charset);
    if (encoding !== undefined) this.#encodings.set(this.#group.font, encoding);
  }

  #flush(): void {
    if (this.#bytes === '') return;
    const encoding = this.#encodings.get(this.#group.font) ?? this.#encoding;
    const text = decodeBytes(Buffer.from(this.#bytes, 'latin1'), encoding);
    this.#bytes = '';
    this.#add(text);
  }

  #add(text: string): void {
    if (this.#group.inTitle) this.#title += text;
    else if (this.#group.skipped) return;
    else if (!this.#group.concealed) this.#text += text;
    else if (text.trim() !== '') this.#draft.leaveOut('hidden text');
  }

  /** Within a row, paragraphs belong to a cell. */
  #endParagraph(): void {
    if (this.#group.skipped || this.#inTable) return;
    if (this.#level !== undefined) this.#draft.heading(this.#text, this.#level);
    else this.#draft.write(this.#text, 1);
    this.#text = '';
  }

  #endCell(): void {
    this.#cells.push(this.#text);
    this.#text = '';
  }

  #endRow(): void {
    if (this.#cells.length > 0) this.#draft.row(this.#cells);
    this.#cells = [];
  }
}
