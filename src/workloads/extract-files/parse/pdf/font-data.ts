import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What the PDF reader needs of fonts that a PDF only names: the character maps of Chinese, Japanese and Korean, and
 * the fonts that every reader has. The folder beside the bundle, else that of the package pdfjs-dist.
 */
export function fontData(): { cMapUrl: string; cMapPacked: true; standardFontDataUrl: string } {
  const beside = fileURLToPath(new URL('./pdf-data', import.meta.url));
  const folder = existsSync(beside)
    ? beside
    : dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  const within = (name: string) => `${folder}${sep}${name}${sep}`;
  return { cMapUrl: within('cmaps'), cMapPacked: true, standardFontDataUrl: within('standard_fonts') };
}
