import { franc } from 'franc';

/** Characters from which to tell a language, and the fewest that suffice. */
const sampleChars = 4_000;
const fewestChars = 60;

/** The language of a text in ISO 639-3, such as `eng`; undefined if it cannot be told. */
export function languageOf(text: string): string | undefined {
  const code = franc(text.slice(0, sampleChars), { minLength: fewestChars });
  return code === 'und' ? undefined : code;
}

/** Its usual name: `en` for `eng`. */
export function shortCode(code: string): string {
  return Intl.getCanonicalLocales(code)[0] ?? code;
}
