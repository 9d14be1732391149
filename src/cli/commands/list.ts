import type { Command } from 'commander';
import type { JobView } from '../../client/contract.ts';
import { tableOf } from '../../core/forecast/table.ts';
import { countText } from '../../core/forecast/units.ts';
import { type ConnectionOptions, embeddedTenant } from '../connection-options.ts';
import { heldText } from '../held.ts';
import { wholeNumber, withConnection } from '../options.ts';
import { suggestions } from '../suggest.ts';

interface Options extends ConnectionOptions {
  limit: number;
  json?: boolean;
}

/** `spillway list`: the latest jobs. */
export function addList(program: Command): void {
  withConnection(program.command('list'))
    .summary('list the latest jobs')
    .description('Lists jobs, the latest first.')
    .option('--limit <n>', 'how many jobs to list', wholeNumber(1, 100), 20)
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExample:\n  spillway list --limit 5')
    .action(list);
}

async function list(options: Options): Promise<void> {
  const endpoint = options.endpoint ?? (process.env.SPILLWAY_ENDPOINT || undefined);
  const { isStored, withStoredJobs } = await import('../../local/stored-jobs.ts');
  if (endpoint === undefined && options.apiKey === undefined && isStored()) {
    // Nothing needs to run for a look at what is there.
    const found = await withStoredJobs(options.dataDir, (jobs) => jobs.latest(embeddedTenant, options.limit));
    show(
      (found ?? []).map(({ view }) => view),
      options,
    );
    return;
  }
  const { inSession } = await import('../session.ts');
  await inSession(options, async ({ client }) => {
    const { jobs } = await client.listJobs({ limit: options.limit });
    show(jobs, options);
    return 0;
  });
}

function show(jobs: readonly JobView[], options: Options): void {
  const text = options.json ? jobs.map((job) => JSON.stringify(job)).join('\n') : table(jobs);
  if (text !== '') process.stdout.write(`${text}\n`);
  const held = jobs.filter((job) => job.held);
  if (!options.json) process.stderr.write(heldText(held, suggestions(options)));
}

function table(jobs: readonly JobView[]): string {
  if (jobs.length === 0) return 'There are no jobs.';
  const left = (heading: string) => ({ heading, align: 'left' as const });
  const right = (heading: string) => ({ heading, align: 'right' as const });
  return tableOf(
    [
      left('job'),
      left('workload'),
      left('status'),
      right('items'),
      right('done'),
      right('failed'),
      left('since'),
    ],
    jobs.map(({ jobId, workload, status, held, totalItems, processedItems, errorCount, createdAt }) => [
      jobId,
      workload,
      held ? 'held' : status,
      ...[totalItems, processedItems, errorCount].map(countText),
      createdAt.slice(0, 19).replace('T', ' '),
    ]),
  );
}
