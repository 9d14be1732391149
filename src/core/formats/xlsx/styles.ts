import { builtInDateKind, type DateKind, dateKindOf } from './dates.ts';
import type { Package } from './package.ts';
import { visitXml } from './xml.ts';

const maxTextChars = 2 ** 16;

/** What a cell style shows a number as. */
export type NumberKind = DateKind | 'percent' | 'exactPercent';

/** What the cell styles of the workbook show numbers as, by style index; undefined for plain numbers. */
export async function readNumberStyles(
  parts: Package,
  path: string | undefined,
): Promise<readonly (NumberKind | undefined)[]> {
  const kinds: (NumberKind | undefined)[] = [];
  if (path === undefined || !parts.has(path)) return kinds;
  const custom = new Map<number, NumberKind | undefined>();
  let inCellStyles = false;
  await visitXml(
    await parts.open(path),
    {
      open(name, { numFmtId, formatCode = '' }) {
        const id = Number(numFmtId);
        if (name === 'numFmt') custom.set(id, numberKindOf(formatCode));
        else if (name === 'cellXfs') inCellStyles = true;
        else if (name === 'xf' && inCellStyles) {
          kinds.push(custom.has(id) ? custom.get(id) : builtInKind(id));
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

function builtInKind(id: number): NumberKind | undefined {
  if (id === 9) return 'percent';
  return id === 10 ? 'exactPercent' : builtInDateKind(id);
}

function numberKindOf(formatCode: string): NumberKind | undefined {
  const date = dateKindOf(formatCode);
  const shown = formatCode.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '');
  if (date || !shown.includes('%')) return date;
  return /\.[0#?]/.test(shown) ? 'exactPercent' : 'percent';
}
