import { readFile, writeFile } from 'node:fs/promises';
import { type Comparison, comparisons, readable, readableTimes, words } from './comparison.ts';
import { describeMachine, type Machine } from './machine.ts';
import type { Outcome } from './run.ts';

const begin = (bench: string) => `<!-- measured: ${bench} -->`;
const end = (bench: string) => `<!-- end: ${bench} -->`;

/** Fails unless `file` has a place for the figures of each of these benches: found out before hours of measuring. */
export async function checkPlaces(file: string, benches: readonly string[]): Promise<void> {
  const text = await readFile(file, 'utf8');
  for (const bench of benches) place(file, text, bench);
}

/** Replaces the figures of the benches that were measured; those of others, and all other text, stay as they are. */
export async function writeMarkdown(file: string, machine: Machine, outcome: Outcome): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const bench of new Set(outcome.rows.map(({ bench }) => bench))) {
    const { from, to } = place(file, text, bench);
    text = `${text.slice(0, from)}\n${section(bench, machine, outcome)}\n${text.slice(to)}`;
  }
  await writeFile(file, text);
}

function place(file: string, text: string, bench: string): { from: number; to: number } {
  const from = text.indexOf(begin(bench));
  const to = text.indexOf(end(bench), from);
  if (from < 0 || to < 0) throw new Error(`${file} lacks the lines ${begin(bench)} and ${end(bench)}`);
  return { from: from + begin(bench).length, to };
}

function section(bench: string, machine: Machine, { rows, skips }: Outcome): string {
  const own = comparisons(rows.filter((row) => row.bench === bench));
  const absent = skips.filter((skip) => skip.bench === bench);
  return [
    `Measured ${describeMachine(machine)}.`,
    ...own.map((one) => `${own.length > 1 ? `**${one.title}**\n\n` : ''}${markdownTable(one)}`),
    ...absent.map(({ system, reason }) => `Not measured: ${system} (${reason}).`),
  ].join('\n\n');
}

function markdownTable({ rows }: Comparison): string {
  const extras = [...new Set(rows.flatMap(({ extra }) => Object.keys(extra)))].filter(
    (name) => name !== 'case',
  );
  const heads = ['system', 'seconds', '× of limit', 'items', ...extras.map(words)];
  const rule = heads.map((_, column) => (column === 0 ? '---' : '--:'));
  const body = rows.map((row) => [
    row.checked ? row.system : `${row.system} (failed its check)`,
    row.seconds.toFixed(3),
    readableTimes(row),
    readable(row.items),
    ...extras.map((name) => readable(row.extra[name] ?? '')),
  ]);
  return [heads, rule, ...body].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
