import type { Command } from 'commander';
import { openApi } from '../../client/api.ts';
import { unknownName } from '../../core/engine/nearest.ts';
import type { WorkloadDescription } from '../../workloads/describe.ts';
import { checkedEndpoint } from '../connection.ts';
import { UsageError } from '../usage-error.ts';
import { workloadText } from '../workload-text.ts';

interface Options {
  endpoint?: string;
  json?: boolean;
}

/** `spillway workloads`: what there is to choose from. */
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
    // Nobody is asked for a key there.
    const api = openApi(checkedEndpoint(endpoint), '', new AbortController().signal);
    const document = await api.get<{ 'x-spillway-workloads': WorkloadDescription[] }>('/openapi.json');
    return document['x-spillway-workloads'];
  }
  // Not before it is needed: help and wrong usage must come at once.
  const { describeWorkload, workloadsToLookAt } = await import('../../workloads/describe.ts');
  return workloadsToLookAt().map(describeWorkload);
}
