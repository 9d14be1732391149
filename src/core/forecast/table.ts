/** A column: its heading, and how its cells are aligned. */
export interface Column {
  heading: string;
  align: 'left' | 'right';
}

/** Plain text in columns two spaces apart, with a rule below the headings; no line ends in spaces. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ heading }, at) =>
    Math.max(heading.length, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const lineOf = (cells: readonly string[]) =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? '';
        return align === 'left' ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
      })
      .join('  ')
      .trimEnd();
  const headings = lineOf(columns.map(({ heading }) => heading));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [headings, rule, ...rows.map(lineOf)].join('\n');
}
