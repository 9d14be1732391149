const mark = ' …';
/** Characters of a file's beginning in its outcome. */
export const excerptChars = 4_000;

/** At most `chars` characters of a text, with a mark if it continues; cut at the end of a word if one is near. */
export function beginning(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const cut = text.slice(0, Math.max(0, chars - mark.length));
  const end = cut.search(/\s\S*$/);
  return (end > chars / 2 ? cut.slice(0, end) : cut).toWellFormed().trimEnd() + mark.slice(0, chars);
}
