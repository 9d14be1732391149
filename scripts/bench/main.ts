/**
 * `npm run bench`: measures Spillway and its peers at the same work. The table, or with `--json` the one JSON object,
 * goes to stdout; progress goes to stderr. Exit code 1 if anything failed or did not do its work, 2 on wrong usage.
 */
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { Bench } from './bench.ts';
import { benches } from './benches.ts';
import { thisMachine } from './machine.ts';
import { checkPlaces, writeMarkdown } from './markdown.ts';
import { asJson, table } from './output.ts';
import { plot } from './plot.ts';
import { complaints, runBenches } from './run.ts';

interface Options {
  only: readonly Bench[];
  json: boolean;
  markdown?: string;
  plot?: string;
}

function byNames(text: string): Bench[] {
  const names = new Set(text.split(',').map((name) => name.trim()));
  const known = [
    ...new Set(benches.flatMap(({ name, group }) => (group === undefined ? name : [name, group]))),
  ];
  const unknown = [...names].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`There is no ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  }
  return benches.filter(({ name, group }) => names.has(name) || (group !== undefined && names.has(group)));
}

function parseOptions(): Options {
  const names = benches.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n');
  const byGroup = Map.groupBy(
    benches.filter(({ group }) => group),
    ({ group = '' }) => group,
  );
  const groups = [...byGroup]
    .map(([group, all]) => `  ${group.padEnd(12)} ${all.map(({ name }) => name).join(', ')}`)
    .join('\n');
  const program = new Command('npm run bench --')
    .description('Measures Spillway and its peers at the same work.')
    .option('--only <names>', 'benches to run, separated by commas (default: all)', byNames, benches)
    .option('--json', 'prints one JSON object instead of a table', false)
    .option('--markdown <file>', 'puts the figures of the benches that ran in their places in this file')
    .option('--plot <file>', 'draws the benches that ran as bars in this SVG file')
    .addHelpText('after', `\nBenches:\n${names}\n\nGroups:\n${groups}`)
    // The shell's convention for wrong usage.
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  return program.parse().opts<Options>();
}

for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  // Whatever was started is ended as this process exits.
  process.on(signal, () => process.exit(code));
}

const options = parseOptions();
if (options.markdown !== undefined) {
  const names = options.only.map(({ name }) => name);
  await checkPlaces(options.markdown, names).catch((error: Error) => {
    console.error(error.message);
    process.exit(2);
  });
}
const machine = thisMachine();
const outcome = await runBenches(options.only, (text) => console.error(text));
console.log(options.json ? asJson(machine, outcome) : `\n${table(outcome)}`);
if (options.markdown !== undefined) await writeMarkdown(options.markdown, machine, outcome);
if (options.plot !== undefined) await writeFile(options.plot, plot(outcome.rows));

const failed = complaints(outcome);
for (const complaint of failed) console.error(complaint);
process.exitCode = failed.length === 0 ? 0 : 1;
