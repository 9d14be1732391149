import { posix } from 'node:path';
import { FileError } from '../file-error.ts';
import type { Package } from './package.ts';
import { visitXml } from './xml.ts';

export interface Sheet {
  name: string;
  hidden: boolean;
  /** The path of its part in the package. */
  path: string;
}

export interface Workbook {
  sheets: readonly Sheet[];
  /** Days count from 1904 instead of 1900. */
  date1904: boolean;
  sharedStrings: string | undefined;
  styles: string | undefined;
}

/** What a part refers to. */
export interface Relationship {
  id: string;
  /** The last segment of its type's URL. */
  type: string;
  path: string;
}

const maxTextChars = 2 ** 16;

/** Reads a workbook's structure. Throws `NO_SHEETS` or `NOT_A_WORKBOOK`. */
export async function readWorkbook(parts: Package): Promise<Workbook> {
  const main = (await relationships(parts, '')).find(({ type }) => type === 'officeDocument');
  const path = main?.path ?? 'xl/workbook.xml';
  refuseOthers(parts, path);
  const related = await relationships(parts, path);
  const sheets: Sheet[] = [];
  let date1904 = false;
  await visitXml(
    await parts.open(path),
    {
      open(name, attributes) {
        if (name === 'workbookPr') date1904 = isTrue(attributes.date1904);
        if (name !== 'sheet') return;
        const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1];
        const target = related.find((one) => one.id === id && one.type === 'worksheet');
        if (!target) return;
        const { name: title = '', state = 'visible' } = attributes;
        sheets.push({ name: title, hidden: state !== 'visible', path: target.path });
      },
    },
    maxTextChars,
  );
  if (sheets.length === 0) throw new FileError('NO_SHEETS', 'The workbook has no sheet of cells');
  const pathOf = (wanted: string) => related.find(({ type }) => type === wanted)?.path;
  return { sheets, date1904, sharedStrings: pathOf('sharedStrings'), styles: pathOf('styles') };
}

/** Parts of other files that are zips. */
const others = [
  ['content.xml', 'an OpenDocument file: save it as .xlsx'],
  ['word/document.xml', 'a Word document, and has no sheets'],
  ['ppt/presentation.xml', 'a presentation, and has no sheets'],
] as const;

/** Throws `NOT_A_WORKBOOK` for a zip that is something else. `main`: the path of the workbook's part. */
function refuseOthers(parts: Package, main: string): void {
  if (main.endsWith('.bin')) {
    throw new FileError('NOT_A_WORKBOOK', 'The file is a binary workbook (.xlsb): save it as .xlsx');
  }
  const other = others.find(([path]) => parts.has(path));
  if (other) throw new FileError('NOT_A_WORKBOOK', `The file is ${other[1]}`);
  if (!parts.has(main)) {
    throw new FileError('NOT_A_WORKBOOK', `The file is a zip, but no Excel workbook: it has no part ${main}`);
  }
}

/** The parts of the package that part `of` refers to; '' stands for the package itself. */
export async function relationships(parts: Package, of: string): Promise<Relationship[]> {
  const folder = posix.dirname(of);
  const path = posix.join(folder, '_rels', `${posix.basename(of)}.rels`);
  const found: Relationship[] = [];
  if (!parts.has(path)) return found;
  await visitXml(
    await parts.open(path),
    {
      open(name, { Id, Type, Target, TargetMode }) {
        if (name !== 'Relationship' || !Id || !Type || !Target || TargetMode === 'External') return;
        const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target);
        found.push({ id: Id, type: Type.slice(Type.lastIndexOf('/') + 1), path: target });
      },
    },
    maxTextChars,
  );
  return found;
}

const isTrue = (value: string | undefined) => value === '1' || value === 'true';
