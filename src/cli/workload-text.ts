import { tableOf } from '../core/forecast/table.ts';
import type { WorkloadDescription } from '../workloads/describe.ts';
import type { JsonSchema } from '../workloads/json-schema.ts';

/** What there is to know of a workload, for a person. */
export function workloadText(workload: WorkloadDescription): string {
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

/** Which values a schema takes, in a few words. */
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
