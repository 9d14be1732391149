import type { Command } from 'commander';
import type { JobView } from '../../client/contract.ts';
import { tableOf } from '../../core/forecast/table.ts';
import { countText } from '../../core/forecast/units.ts';
import type { ConnectionOptions } from '../connection.ts';
import { wholeNumber, withConnection } from '../options.ts';
import { inSession } from '../session.ts';

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
    .action((options: Options) =>
      inSession(options, async ({ client }) => {
        const { jobs } = await client.listJobs({ limit: options.limit });
        const text = options.json ? jobs.map((job) => JSON.stringify(job)).join('\n') : table(jobs);
        if (text !== '') process.stdout.write(`${text}\n`);
        return 0;
      }),
    );
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
    jobs.map(({ jobId, workload, status, totalItems, processedItems, errorCount, createdAt }) => [
      jobId,
      workload,
      status,
      ...[totalItems, processedItems, errorCount].map(countText),
      createdAt.slice(0, 19).replace('T', ' '),
    ]),
  );
}
