import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** Fixed, so that the same parts make the same bytes. */
const mtime = new Date(2000, 0, 1);

/** A zip with these parts, by path. */
export async function zipOf(parts: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(parts)) zip.addBuffer(Buffer.from(content), path, { mtime });
  zip.end();
  return buffer(zip.outputStream);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text between tags, or in an attribute. */
export const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (character) => entities[character] ?? character);

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const types = 'http://schemas.openxmlformats.org/package/2006/content-types';
const relationshipsOf = 'http://schemas.openxmlformats.org/package/2006/relationships';
export const officeOf = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export const xml = (text: string) => declaration + text;

/** The part that lists what a part refers to: `[id, last segment of its type's URL, target]`. */
export function relationships(
  targets: readonly (readonly [id: string, type: string, target: string])[],
): string {
  const all = targets.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${officeOf}/${type}" Target="${target}"/>`,
  );
  return xml(`<Relationships xmlns="${relationshipsOf}">${all.join('')}</Relationships>`);
}

/** The parts that every Office document has. */
export function frame(main: string, contentTypes: Readonly<Record<string, string>>, title: string) {
  const overrides = Object.entries(contentTypes).map(
    ([path, type]) =>
      `<Override PartName="/${path}" ContentType="application/vnd.openxmlformats-officedocument.${type}+xml"/>`,
  );
  return {
    '[Content_Types].xml': xml(
      `<Types xmlns="${types}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`,
    ),
    '_rels/.rels': relationships([['rId1', 'officeDocument', main]]),
    'docProps/core.xml': xml(
      `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escaped(title)}</dc:title></cp:coreProperties>`,
    ),
  };
}
