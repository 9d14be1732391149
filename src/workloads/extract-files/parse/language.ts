import { francAll } from 'franc';

/** Characters from which to tell a language. */
const sampleChars = 4_000;
/** Letters below which a text's language cannot be told, not even by its script. */
const fewestLetters = 8;
/** From here on every language that franc knows is a candidate, and the likeliest counts. */
const manyLetters = 1_000;
/** Distinct words that a text needs if its script has more than one language. */
const fewestWords = 12;
/** How far behind the second language must be, on franc's scale from 0 to 1; half of it from `someLetters` on. */
const leastLead = 0.04;
const someLetters = 300;
/** A second language this far behind is written in another way: a few words suffice. */
const clearLead = 0.4;
/**
 * The candidates for shorter texts: languages in which documents are common. Their small relatives, such as Scots
 * beside English, would win by chance.
 */
const common = (
  'afr als arb azj bel ben bos bul cat ces cmn dan deu ell eng est fin fra guj hau heb hin hrv hun hye ind ita jav ' +
  'jpn kan kat kaz khm kor lao lav lit mal mar mkd mya nld nno nob npi pan pes pol por ron rus sin slk slv som spa ' +
  'srp swe swh tam tel tgl tha tur ukr urd uzn vie zlm zul'
).split(' ');

/**
 * The language of a text in ISO 639-3, such as `eng`; undefined if the text does not suffice: too few different
 * words, or two languages that are about as likely.
 */
export function languageOf(text: string): string | undefined {
  const sample = text.slice(0, sampleChars);
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if (letters < fewestLetters) return undefined;
  const isLong = letters >= manyLetters;
  const [first, second] = francAll(sample, { minLength: 1, ...(!isLong && { only: common }) });
  if (!first || first[0] === 'und') return undefined;
  const lead = first[1] - (second?.[1] ?? 0);
  if (isLong || lead >= clearLead) return first[0];
  const words = new Set(sample.toLowerCase().match(/\p{L}[\p{L}\p{M}]+/gu));
  const needed = letters < someLetters ? leastLead : leastLead / 2;
  return words.size >= fewestWords && lead >= needed ? first[0] : undefined;
}

/** Its usual name: `en` for `eng`. */
export function shortCode(code: string): string {
  return Intl.getCanonicalLocales(code)[0] ?? code;
}
