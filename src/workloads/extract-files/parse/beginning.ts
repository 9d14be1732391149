/** At most so many characters of a text, and then a mark; up to the end of a word where one is near. */
export function beginning(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const cut = text.slice(0, chars);
  const end = cut.search(/\s\S*$/);
  return `${(end > chars / 2 ? cut.slice(0, end) : cut).toWellFormed().trimEnd()} …`;
}
