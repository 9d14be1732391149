import { didYouMean } from '../engine/nearest.ts';
import { fromMembers, namesOf } from '../json/shape.ts';
import { checkHeader, withNames } from './columns.ts';
import { FileError } from './file-error.ts';
import type { WantedColumns } from './options.ts';
import type { Row } from './rows.ts';
import { hasValue } from './values.ts';
import { type Warning, warning } from './warning.ts';

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
  const given = Array.from(cells.slice(0, count), (cell) => cell ?? '');
  const names = withNames(given, (number, called) => {
    const message = `Column ${number} has no name in the header (row ${row}): it is called "${called}"`;
    warn(warning('COLUMN_NAMED', message));
  });
  checkHeader(names, row);
  return renamed(names, wanted, warn, row);
}

/** The names with those of {@link WantedColumns} in place of the file's own. Throws as {@link columnsOf} does. */
function renamed(
  names: readonly string[],
  wanted: WantedColumns,
  warn: (warning: Warning) => void,
  row: number,
): string[] {
  for (const [as, asked] of Object.entries(wanted.map)) {
    const name = found(asked, names);
    // A file of failed rows that is submitted again has the name already.
    if (name === undefined && !names.includes(as)) {
      throw new FileError('MISSING_COLUMN', `There is no column "${asked}"${didYouMean(asked, names)}`, {
        row,
        column: asked,
        header: names,
      });
    }
    if (name !== undefined && name !== as && names.includes(as)) {
      throw new FileError(
        'DUPLICATE_COLUMN',
        `Column "${name}" cannot be used as "${as}": there is a column of that name already`,
        { row, column: as, columns: [names.indexOf(as) + 1, names.indexOf(name) + 1] },
      );
    }
  }
  return replaced(names, wanted, warn);
}

/** For rows that name their own columns: gives them the wanted names. Tells of each name once. */
export function rowRenamer(
  wanted: WantedColumns,
  warn: (warning: Warning) => void = () => {},
): (row: Row) => Row {
  if (wanted.names.length === 0 && Object.keys(wanted.map).length === 0) return (row) => row;
  const told = new Set<string>();
  const warnOnce = (one: Warning) => {
    if (!told.has(one.message)) warn(one);
    told.add(one.message);
  };
  return (row) => {
    const names = namesOf(row);
    const given = replaced(names, wanted, warnOnce);
    if (given.every((name, index) => name === names[index])) return row;
    return fromMembers(given.map((name, index) => [name, row[names[index] ?? '']]));
  };
}

function replaced(
  names: readonly string[],
  { names: wanted, map }: WantedColumns,
  warn: (warning: Warning) => void,
): string[] {
  const result = [...names];
  const take = (name: string | undefined, as: string) => {
    if (name === undefined || result.includes(as)) return;
    result[result.indexOf(name)] = as;
    warn(warning('COLUMN_MATCHED', `Column "${name}" is used as "${as}"`));
  };
  for (const [as, asked] of Object.entries(map)) take(found(asked, names), as);
  // A column that has a wanted name keeps it.
  const free = () => result.filter((name) => !wanted.includes(name) && !Object.hasOwn(map, name));
  for (const as of wanted) take(onlyAlike(as, free()), as);
  return result;
}

/** A column by its exact name, or by one that is alike. */
const found = (asked: string, names: readonly string[]) =>
  names.includes(asked) ? asked : onlyAlike(asked, names);

const plain = (name: string) => name.toLowerCase().replace(/[\s_]/g, '');

/** The one name that differs only in case, blanks and underscores; undefined if there is none, or several. */
function onlyAlike(wanted: string, names: readonly string[]): string | undefined {
  const alike = names.filter((name) => plain(name) === plain(wanted));
  return alike.length === 1 ? alike[0] : undefined;
}
