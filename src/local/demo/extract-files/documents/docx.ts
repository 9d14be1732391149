import { escaped, frame, relationships, xml, zipOf } from './zip.ts';

/** A paragraph, a heading with its level, or the rows of a table. */
export type Block = string | { heading: string; level: number } | { rows: readonly (readonly string[])[] };

const main = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';

/** A Word document with these blocks; `more`: further parts. */
export function docx(
  title: string,
  blocks: readonly Block[],
  more: Readonly<Record<string, string | Buffer>> = {},
): Promise<Buffer> {
  const styles = [1, 2, 3].map(
    (level) =>
      `<w:style w:type="paragraph" w:styleId="H${level}"><w:name w:val="heading ${level}"/></w:style>`,
  );
  return zipOf({
    ...frame('word/document.xml', { 'word/document.xml': 'wordprocessingml.document.main' }, title),
    'word/_rels/document.xml.rels': relationships([['rId1', 'styles', 'styles.xml']]),
    'word/styles.xml': xml(`<w:styles xmlns:w="${main}">${styles.join('')}</w:styles>`),
    'word/document.xml': xml(
      `<w:document xmlns:w="${main}"><w:body>${blocks.map(block).join('')}</w:body></w:document>`,
    ),
    ...more,
  });
}

function block(one: Block): string {
  if (typeof one === 'string') return paragraph(one);
  if ('heading' in one) return paragraph(one.heading, `<w:pPr><w:pStyle w:val="H${one.level}"/></w:pPr>`);
  const row = (cells: readonly string[]) =>
    `<w:tr>${cells.map((cell) => `<w:tc>${paragraph(cell)}</w:tc>`).join('')}</w:tr>`;
  return `<w:tbl>${one.rows.map(row).join('')}</w:tbl>`;
}

const paragraph = (text: string, format = '') =>
  `<w:p>${format}<w:r><w:t xml:space="preserve">${escaped(text)}</w:t></w:r></w:p>`;
