import { readSharedStrings } from '../../../core/formats/xlsx/shared-strings.ts';
import { readSheet } from '../../../core/formats/xlsx/sheet.ts';
import { readNumberStyles } from '../../../core/formats/xlsx/styles.ts';
import { readWorkbook, relationships } from '../../../core/formats/xlsx/workbook.ts';
import type { Draft } from './draft.ts';
import { limits, nameLeftOut, readPackage, titleOf } from './office.ts';

/** The cells of a workbook, sheet by sheet, a line for each row. Hidden sheets are left out. */
export async function parseXlsx(bytes: Uint8Array, draft: Draft): Promise<void> {
  await readPackage(bytes, async (parts) => {
    const workbook = await readWorkbook(parts);
    draft.title = await titleOf(parts);
    const shown = workbook.sheets.filter(({ hidden }) => !hidden);
    const hidden = workbook.sheets.length - shown.length;
    if (hidden > 0) draft.warn('SHEETS_HIDDEN', `Hidden sheets are left out: ${hidden}`);
    draft.pages = shown.length;
    const context = {
      sharedStrings: await readSharedStrings(parts, workbook.sharedStrings, limits),
      numberStyles: await readNumberStyles(parts, workbook.styles),
      date1904: workbook.date1904,
    };
    for (const { name, path } of shown) {
      await nameLeftOut(parts, await relationships(parts, path), draft);
      draft.heading(name, 1);
      for await (const rows of readSheet(parts, path, context, limits.maxCellChars)) {
        for (const { cells, problem } of rows) {
          if (problem?.code === 'FORMULA_NOT_CALCULATED') draft.leaveOut('formulas without a value');
          draft.row(Array.from(cells, (cell) => cell ?? ''));
        }
        if (draft.full) return;
      }
    }
  });
}
