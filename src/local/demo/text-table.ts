import { stripVTControlCharacters } from 'node:util';

export interface Column {
  title: string;
  /** Align to the right, for numbers. */
  right?: boolean;
}

/** Rows as aligned columns with a header. Cells may contain colours. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => widthOf(row[at] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ right }, at) => {
        const cell = cells[at] ?? '';
        const padding = ' '.repeat((widths[at] ?? 0) - widthOf(cell));
        return right ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width));
  return [line(columns.map(({ title }) => title)), line(rule), ...rows.map(line)].join('\n');
}

function widthOf(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
