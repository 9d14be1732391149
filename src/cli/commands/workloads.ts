import type { Command } from 'commander';
import { openClient } from '../../client/client.ts';
import { unknownName } from '../../core/engine/nearest.ts';
import { tableOf } from '../../core/forecast/table.ts';
import type { WorkloadDescription } from '../../workloads/describe.ts';
import type { JsonSchema } from '../../workloads/json-schema.ts';
import { checkedEndpoint } from '../connection.ts';
import { UsageError } from '../usage-error.ts';

interface Options {
  endpoint?: string;
  json?: boolean;
}

/** `spillway workloads`: lists the available workloads. */
export function addWorkloads(program: Command): void {
  program
    .command('workloads')
    .argument('[name]', 'only this one')
    .summary('list the workloads with their columns, options and limits')
    .description('Lists the workloads with their columns, options and limits. It starts no service.')
    .option('--endpoint <url>', 'list those of a running service (default: SPILLWAY_ENDPOINT, or none)')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExample:\n  spillway workloads echo')
    .action(workloads);
}

async function workloads(name: string | undefined, { endpoint, json }: Options): Promise<void> {
  const all = await descriptions(endpoint ?? (process.env.SPILLWAY_ENDPOINT || undefined));
  const wanted = all.filter((one) => name === undefined || one.name === name);
  if (name !== undefined && wanted.length === 0) {
    const known = all.map((one) => one.name);
    throw new UsageError(unknownName('workload', name, known));
  }
  const text = json
    ? wanted.map((one) => JSON.stringify(one)).join('\n')
    : wanted.map(workloadText).join('\n\n');
  process.stdout.write(`${text}\n`);
}

async function descriptions(endpoint: string | undefined): Promise<WorkloadDescription[]> {
  if (endpoint !== undefined) {
    // This request needs no key.
    const client = openClient({ endpoint: checkedEndpoint(endpoint) });
    const document = await client.getOpenapi<{ 'x-spillway-workloads': WorkloadDescription[] }>();
    return document['x-spillway-workloads'];
  }
  // Loaded late, so that help and usage errors appear at once.
  const { describeWorkload, workloadsToLookAt } = await import('../../workloads/describe.ts');
  return workloadsToLookAt().map(describeWorkload);
}

/** Describes a workload for people. */
function workloadText(workload: WorkloadDescription): string {
  const { name, description, columns, upstreams, limits, options } = workload;
  const { concurrency, sliceSize, timeoutMs, failures } = limits;
  const needed = typeof columns === 'string' ? columns : columns.join(', ') || 'any';
  const ceilings = [
    `${concurrency} at a time`,
    `${sliceSize} per slice`,
    ...(timeoutMs === undefined ? [] : [`${timeoutMs} ms each`]),
    ...(failures ? [`stops when more than ${100 * failures.share}% of ${failures.of} failed`] : []),
  ];
  return [
    `${name}: ${description}`,
    `  columns  ${needed}`,
    ...(upstreams.length === 0 ? [] : [`  calls    ${upstreams.join(', ')}`]),
    `  items    ${ceilings.join(', ')}`,
    '  options',
    ...indented(optionsTable(options)),
  ].join('\n');
}

function optionsTable({ properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties).map(([name, given]) => {
    const schema = Object(given) as JsonSchema;
    const fallback = required.includes(name) ? 'required' : JSON.stringify(schema.default);
    return [name, kindOf(schema), fallback ?? '', schema.description ?? ''];
  });
  if (rows.length === 0) return 'none';
  const told = rows.some(([, , , meaning]) => meaning !== '');
  const headings = ['option', 'values', 'default', ...(told ? ['meaning'] : [])];
  return tableOf(
    headings.map((heading) => ({ heading, align: 'left' })),
    rows,
  );
}

/** Describes in a few words which values a schema accepts. */
function kindOf(schema: JsonSchema): string {
  const { enum: choices, const: only, anyOf, type, items, minimum, maximum } = schema;
  if (choices) return choices.join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  if (anyOf) return anyOf.map((one) => kindOf(Object(one) as JsonSchema)).join(' | ');
  if (type === 'array') return `list of ${kindOf(Object(items) as JsonSchema)}`;
  const name = type === undefined ? 'any' : String(type);
  if (minimum === undefined && maximum === undefined) return name;
  return `${name} ${minimum ?? ''}–${maximum ?? ''}`;
}

const indented = (text: string) => text.split('\n').map((line) => `    ${line}`);
