const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
/** `[` and `{` differ only in this bit, and so do `]` and `}`. */
const brace = 0x20;
const opening = 0x7b;
const closing = 0x7d;

/**
 * Finds the end of the array element that begins at `from`: the offset of the comma or bracket after it, or
 * -1 if the text ends first. Tracks only nesting and strings; a parser decides whether the element is JSON.
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
