declare global {
  interface JSON {
    /** ECMA-262 proposal "JSON.parse source text access", which the runtime has. */
    parse(
      text: string,
      reviver: (name: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): unknown;
  }
}

/**
 * A number in JSON that JavaScript would write with other characters: one with more digits than a double holds
 * (`12345678901234567890`, `1e400`), or one that is spelled differently (`1.10`, `-0`). It keeps its text, and is
 * written as it came. All other numbers are plain numbers.
 */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The nearest double, so that it can be calculated with. */
  valueOf(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }

  /** For `JSON.stringify`, which then writes the number's text. */
  toJSON(): unknown {
    return JSON.rawJSON(this.text);
  }
}

/** The number that the text of a JSON number stands for. */
export function jsonNumber(text: string): number | JsonNumber {
  const value = Number(text);
  return sameText(value, text) ? value : new JsonNumber(text);
}

/** Whether a double is written with these characters. */
export function sameText(value: number, text: string): boolean {
  return String(value) === text && Number.isFinite(value);
}

/** Whether a double has exactly this value, though it may be written differently: true for `1.10`. */
export function fitsDouble({ text }: JsonNumber): boolean {
  const value = Number(text);
  return Number.isFinite(value) && decimalOf(String(value)) === decimalOf(text);
}

const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/** The digits and the exponent of a decimal number without needless zeros: the same for equal numbers. */
function decimalOf(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const zeros = digits.length - significant.length;
  return `${sign}${significant}e${Number(exponent) - fraction.length + zeros}`;
}
