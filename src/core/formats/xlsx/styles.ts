import { builtInDateKind, type DateKind, dateKindOf } from './dates.ts';
import type { Package } from './package.ts';
import { visitXml } from './xml.ts';

const maxTextChars = 2 ** 16;

/** Which cell styles of the workbook show a number as a date, by style index. */
export async function readDateStyles(
  parts: Package,
  path: string | undefined,
): Promise<readonly (DateKind | undefined)[]> {
  const kinds: (DateKind | undefined)[] = [];
  if (path === undefined || !parts.has(path)) return kinds;
  const custom = new Map<number, DateKind | undefined>();
  let inCellStyles = false;
  await visitXml(
    await parts.open(path),
    {
      open(name, { numFmtId, formatCode = '' }) {
        const id = Number(numFmtId);
        if (name === 'numFmt') custom.set(id, dateKindOf(formatCode));
        else if (name === 'cellXfs') inCellStyles = true;
        else if (name === 'xf' && inCellStyles) {
          kinds.push(custom.has(id) ? custom.get(id) : builtInDateKind(id));
        }
      },
      close(name) {
        if (name === 'cellXfs') inCellStyles = false;
      },
    },
    maxTextChars,
  );
  return kinds;
}
