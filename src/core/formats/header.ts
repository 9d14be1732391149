import { didYouMean } from '../engine/nearest.ts';
import { checkHeader } from './columns.ts';
import { FileError } from './file-error.ts';
import type { WantedColumns } from './options.ts';
import { hasValue } from './values.ts';
import type { Warning } from './warning.ts';

/**
 * The columns that a header names. Trailing columns without a name are dropped from `used` on; any other gets its
 * number as its name. Throws if the names are no use: see {@link checkHeader}, and `MISSING_COLUMN` for a mapped
 * column that the file lacks. `row` is the header's.
 */
export function columnsOf(
  cells: readonly (string | undefined)[],
  {
    row,
    used,
    wanted,
    warn,
  }: { row: number; used: number; wanted: WantedColumns; warn(warning: Warning): void },
): string[] {
  let count = cells.length;
  while (count > used && !hasValue(cells[count - 1])) count--;
  const given = Array.from(cells.slice(0, count), (cell) => (hasValue(cell) ? (cell ?? '') : ''));
  const names = given.map((name, index) => {
    if (name !== '') return name;
    const number = index + 1;
    const called = freeName(`column_${number}`, given);
    warn({
      code: 'COLUMN_NAMED',
      message: `Column ${number} has no name in the header (row ${row}): it is called "${called}"`,
    });
    return called;
  });
  checkHeader(names, row);
  return renamed(names, wanted, warn, row);
}

function freeName(name: string, taken: readonly string[]): string {
  return taken.includes(name) ? freeName(`${name}_`, taken) : name;
}

/** The names with those of {@link WantedColumns} in place of the file's own. */
export function renamed(
  names: readonly string[],
  { names: wanted, map }: WantedColumns,
  warn: (warning: Warning) => void,
  row: number,
): string[] {
  const result = [...names];
  const take = (name: string, as: string) => {
    if (name === as) return;
    result[names.indexOf(name)] = as;
    warn({ code: 'COLUMN_MATCHED', message: `Column "${name}" is used as "${as}"` });
  };
  for (const [as, asked] of Object.entries(map)) {
    const name = names.includes(asked) ? asked : onlyAlike(asked, names);
    // A file of failed rows that is submitted again has the name already.
    if (name === undefined && names.includes(as)) continue;
    if (name === undefined) {
      throw new FileError('MISSING_COLUMN', `There is no column "${asked}"${didYouMean(asked, names)}`, {
        row,
        column: asked,
        header: names,
      });
    }
    if (name !== as && names.includes(as)) {
      throw new FileError(
        'DUPLICATE_COLUMN',
        `Column "${name}" cannot be used as "${as}": there is a column of that name already`,
        { row, column: as, columns: [names.indexOf(as) + 1, names.indexOf(name) + 1] },
      );
    }
    take(name, as);
  }
  for (const as of wanted) {
    if (result.includes(as)) continue;
    const name = onlyAlike(as, result);
    if (name !== undefined) take(name, as);
  }
  return result;
}

const plain = (name: string) => name.toLowerCase().replace(/[\s_]/g, '');

/** The one name that differs only in case, blanks and underscores; undefined if there is none, or several. */
function onlyAlike(wanted: string, names: readonly string[]): string | undefined {
  const alike = names.filter((name) => plain(name) === plain(wanted));
  return alike.length === 1 ? alike[0] : undefined;
}
