declare module 'stopword' {
  /** One of the lists; the others are named after their languages too, in ISO 639-3. */
  export const eng: readonly string[];
}
