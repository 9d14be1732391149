import { escaped, frame, officeOf, relationships, xml, zipOf } from './zip.ts';

export interface Slide {
  title: string;
  lines: readonly string[];
  notes?: string;
}

const names =
  `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="${officeOf}" ` +
  'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"';

/** A presentation with these slides. */
export function pptx(title: string, slides: readonly Slide[]): Promise<Buffer> {
  const ids = slides.map((_, at) => `<p:sldId id="${256 + at}" r:id="rId${at + 1}"/>`);
  const parts: Record<string, string> = {
    ...frame('ppt/presentation.xml', { 'ppt/presentation.xml': 'presentationml.presentation.main' }, title),
    'ppt/presentation.xml': xml(
      `<p:presentation ${names}><p:sldIdLst>${ids.join('')}</p:sldIdLst></p:presentation>`,
    ),
    'ppt/_rels/presentation.xml.rels': relationships(
      slides.map((_, at) => [`rId${at + 1}`, 'slide', `slides/slide${at + 1}.xml`]),
    ),
  };
  for (const [at, { title, lines, notes }] of slides.entries()) {
    const path = `slide${at + 1}.xml`;
    parts[`ppt/slides/${path}`] = page(
      'sld',
      shape([title], 'title') + shape(lines, 'body') + shape(['7'], 'sldNum'),
    );
    if (notes === undefined) continue;
    parts[`ppt/slides/_rels/${path}.rels`] = relationships([
      ['rId1', 'notesSlide', `../notesSlides/${path}`],
    ]);
    parts[`ppt/notesSlides/${path}`] = page('notes', shape([notes], 'body'));
  }
  return zipOf(parts);
}

const page = (tag: string, shapes: string) =>
  xml(`<p:${tag} ${names}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:${tag}>`);

function shape(lines: readonly string[], placeholder: string): string {
  const paragraphs = lines.map((line) => `<a:p><a:r><a:t>${escaped(line)}</a:t></a:r></a:p>`);
  return `<p:sp><p:nvSpPr><p:nvPr><p:ph type="${placeholder}"/></p:nvPr></p:nvSpPr><p:txBody>${paragraphs.join('')}</p:txBody></p:sp>`;
}
