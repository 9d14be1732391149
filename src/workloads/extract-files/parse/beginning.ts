const mark = ' …';
/** Characters of a file's beginning that its outcome carries. */
export const excerptChars = 4_000;

/** At most so many characters of a text, with a mark where it goes on; up to the end of a word where one is near. */
export function beginning(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const cut = text.slice(0, Math.max(0, chars - mark.length));
  const end = cut.search(/\s\S*$/);
  return (end > chars / 2 ? cut.slice(0, end) : cut).toWellFormed().trimEnd() + mark.slice(0, chars);
}
