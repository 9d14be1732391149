/**
 * XML cannot hold most control characters, and its readers turn CR into LF. Workbooks write such a character
 * as `_x000D_` (ECMA-376, ST_Xstring), and write `_` as `_x005F_` where ordinary text looks like such a code.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones XML cannot hold
const special = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)|[&<>]/g;
const escaped = /_x([0-9a-fA-F]{4})_/g;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escapes text for use between tags. Unpaired surrogates become U+FFFD. */
export function toCellText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.replace(
    special,
    (char) => entities[char] ?? `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
  );
}

/** The text of a cell. The XML parser has already resolved entities. */
export function fromCellText(text: string): string {
  return text.includes('_x')
    ? text.replace(escaped, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
}
