import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection.ts';
import { withConnection } from '../options.ts';
import { awaitOutcome, type OutcomeOptions } from '../outcome.ts';
import { inSession } from '../session.ts';

/** `spillway retry`: what failed, once more, and what was cancelled. */
export function addRetry(program: Command): void {
  withConnection(program.command('retry').argument('<id>', 'of the job'))
    .summary('run again what failed or was cancelled')
    .description(
      'Runs again what failed in a job, and what was cancelled, and only that, and waits for its end.',
    )
    .option(
      '--output <file>',
      'where the finished file goes; rows that failed go into errors.<ext> beside it',
    )
    .option('--json', 'prints the summary as a JSON object')
    .addHelpText('after', '\nExample:\n  spillway retry job_0mws… --output results.csv')
    .action((id: string, options: ConnectionOptions & OutcomeOptions) =>
      inSession(
        options,
        async (connection, signal) => {
          const job = await connection.client.retryJob(id);
          return awaitOutcome(connection, job, options, signal);
        },
        () => `Interrupted. To go on: spillway watch ${id}`,
      ),
    );
}
