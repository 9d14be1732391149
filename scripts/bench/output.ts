import type { Row } from './bench.ts';
import { comparisons, readable, readableTimes, words } from './comparison.ts';
import type { Machine } from './machine.ts';
import type { Outcome } from './run.ts';

const heads = ['bench', 'system', 'seconds', '× of limit', 'items', 'checked', 'extra'];
/** Columns that hold numbers are aligned to the right. */
const numeric = new Set(['seconds', '× of limit', 'items']);

/** What `--json` prints. */
export function asJson(machine: Machine, { rows }: Outcome): string {
  return JSON.stringify({ machine, rows }, null, 2);
}

/** All rows as one table for a terminal, and what could not be measured below it. */
export function table({ rows, skips }: Outcome): string {
  const body = comparisons(rows).flatMap(({ title, rows }) => rows.map((row) => cells(title, row)));
  const widths = heads.map((head, column) =>
    Math.max(...[head, ...body.map((line) => line[column] ?? '')].map(({ length }) => length)),
  );
  const format = (line: string[]) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numeric.has(heads[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [
    ...[heads, widths.map((width) => '─'.repeat(width)), ...body].map(format),
    ...skips.map(({ bench, system, reason }) => `${bench}: ${system} was skipped: ${reason}`),
  ].join('\n');
}

function cells(title: string, row: Row): string[] {
  const extra = Object.entries(row.extra).filter(([name]) => name !== 'case');
  return [
    title,
    row.system,
    row.seconds.toFixed(3),
    readableTimes(row),
    readable(row.items),
    row.checked ? 'yes' : 'NO',
    extra.map(([name, value]) => `${words(name)}: ${readable(value)}`).join(', '),
  ];
}
