const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
/** `[` and `{`, as `]` and `}`, differ in this bit only. */
const brace = 0x20;
const opening = 0x7b;
const closing = 0x7d;

/**
 * Where the array's element that begins at `from` ends: the offset of the comma or bracket behind it, or -1 when the
 * text ends first. Knows nests and strings only; whether the element is JSON is for a parser to say.
 */
export function elementEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      at = closingQuote(text, at);
      if (at < 0) return -1;
    } else if (char === comma) {
      if (depth === 0) return at;
    } else if ((char | brace) === opening) {
      depth++;
    } else if ((char | brace) === closing) {
      if (depth === 0) return at;
      depth--;
    }
  }
  return -1;
}

function closingQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) return at;
    if (char === backslash) at++;
  }
  return -1;
}
