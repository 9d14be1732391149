import { OPS, type PDFPageProxy } from 'unpdf/pdfjs';

/** A character or a ligature on a page. Lengths are in points, along and across the direction of its line. */
export interface Glyph {
  /** In logical order within the glyph. */
  text: string;
  /** Where it begins and ends along its line. */
  start: number;
  end: number;
  /** Of its baseline. */
  across: number;
  size: number;
  /** The direction of its line, in degrees. */
  angle: number;
}

type Matrix = readonly [number, number, number, number, number, number];

/** What a font's operators work on; PDF 32000-1, 9.3 "Text state". */
interface State {
  matrix: Matrix;
  font: string;
  size: number;
  charSpacing: number;
  wordSpacing: number;
  scale: number;
  leading: number;
  rise: number;
}

/** What pdf.js says of a glyph. */
interface ShownGlyph {
  unicode: string;
  /** In the font's own units. */
  width: number;
  isSpace: boolean;
}

interface Font {
  fontMatrix?: ArrayLike<number>;
}

const identity: Matrix = [1, 0, 0, 1, 0, 0];
const usualFontMatrix = [0.001];

/** The glyphs of a page, in the order in which they are drawn. */
export async function glyphsOf(page: PDFPageProxy): Promise<Glyph[]> {
  // 0: without annotations.
  const { fnArray, argsArray } = await page.getOperatorList({ annotationMode: 0 });
  const painter = new Painter((name) =>
    page.commonObjs.has(name) ? (page.commonObjs.get(name) as Font) : undefined,
  );
  for (const [at, operator] of fnArray.entries()) painter.run(operator, argsArray[at] ?? []);
  return painter.glyphs;
}

/** Follows the operators that move and show text. */
class Painter {
  readonly glyphs: Glyph[] = [];
  readonly #fontOf: (name: string) => Font | undefined;
  readonly #saved: State[] = [];
  #state: State = {
    matrix: identity,
    font: '',
    size: 0,
    charSpacing: 0,
    wordSpacing: 0,
    scale: 1,
    leading: 0,
    rise: 0,
  };
  #text: Matrix = identity;
  #line: Matrix = identity;

  constructor(fontOf: (name: string) => Font | undefined) {
    this.#fontOf = fontOf;
  }

  run(operator: number, args: readonly unknown[]): void {
    const state = this.#state;
    const number = (at: number) => (typeof args[at] === 'number' ? args[at] : 0);
    switch (operator) {
      case OPS.save:
        this.#saved.push({ ...state });
        break;
      case OPS.restore:
      case OPS.paintFormXObjectEnd:
        this.#state = this.#saved.pop() ?? state;
        break;
      case OPS.paintFormXObjectBegin:
        this.#saved.push({ ...state });
        state.matrix = times(state.matrix, matrixOf(args[0]));
        break;
      case OPS.transform:
        state.matrix = times(state.matrix, matrixOf(args));
        break;
      case OPS.beginText:
        this.#text = this.#line = identity;
        break;
      case OPS.setTextMatrix:
        this.#text = this.#line = matrixOf(args[0]);
        break;
      case OPS.setLeadingMoveText:
        state.leading = -number(1);
        this.#move(number(0), number(1));
        break;
      case OPS.moveText:
        this.#move(number(0), number(1));
        break;
      case OPS.nextLine:
        this.#move(0, -state.leading);
        break;
      case OPS.setFont:
        state.font = String(args[0]);
        state.size = number(1);
        break;
      case OPS.setCharSpacing:
        state.charSpacing = number(0);
        break;
      case OPS.setWordSpacing:
        state.wordSpacing = number(0);
        break;
      case OPS.setHScale:
        state.scale = number(0) / 100;
        break;
      case OPS.setLeading:
        state.leading = -number(0);
        break;
      case OPS.setTextRise:
        state.rise = number(0);
        break;
      case OPS.showText:
        this.#show(args[0] as readonly (ShownGlyph | number | null)[]);
    }
  }

  #move(x: number, y: number): void {
    this.#text = this.#line = times(this.#line, [1, 0, 0, 1, x, y]);
  }

  #show(glyphs: readonly (ShownGlyph | number | null)[]): void {
    const { font, size, charSpacing, wordSpacing, scale } = this.#state;
    const unit = this.#fontOf(font)?.fontMatrix?.[0] ?? usualFontMatrix[0] ?? 0;
    for (const glyph of glyphs) {
      if (glyph === null) continue;
      if (typeof glyph === 'number') {
        this.#advance((-glyph / 1000) * size * scale);
        continue;
      }
      const width = glyph.width * unit * size * scale;
      this.#record(glyph.unicode, width);
      this.#advance(width + (charSpacing + (glyph.isSpace ? wordSpacing : 0)) * scale);
    }
  }

  #advance(by: number): void {
    this.#text = times(this.#text, [1, 0, 0, 1, by, 0]);
  }

  #record(text: string, width: number): void {
    const { matrix, size, rise } = this.#state;
    const [a, b, c, d, x, y] = times(times(matrix, this.#text), [1, 0, 0, 1, 0, rise]);
    const length = Math.hypot(a, b);
    if (text === '' || length === 0) return;
    const [cos, sin] = [a / length, b / length];
    const start = x * cos + y * sin;
    this.glyphs.push({
      text,
      start,
      end: start + width * length,
      across: y * cos - x * sin,
      size: Math.abs(size) * Math.hypot(c, d),
      angle: Math.round((Math.atan2(b, a) * 180) / Math.PI),
    });
  }
}

function times([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix {
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** pdf.js hands over lists and typed arrays alike. */
function matrixOf(value: unknown): Matrix {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = Array.from((value ?? []) as ArrayLike<number>);
  return [a, b, c, d, e, f];
}
