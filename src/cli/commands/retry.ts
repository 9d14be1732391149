import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection.ts';
import { withConnection } from '../options.ts';
import { awaitOutcome, type OutcomeOptions } from '../outcome.ts';
import { inSession } from '../session.ts';

/** `spillway retry`: runs failed and cancelled items again. */
export function addRetry(program: Command): void {
  withConnection(program.command('retry').argument('<id>', 'id of the job'))
    .summary('run the failed and cancelled items of a job again')
    .description('Runs the failed and the cancelled items of a job again, and waits for its end.')
    .option('--output <file>', 'where the finished file goes; failed rows go into errors.<ext> beside it')
    .option('--json', 'prints the summary as a JSON object')
    .addHelpText('after', '\nExample:\n  spillway retry job_0mws… --output results.csv')
    .action((id: string, options: ConnectionOptions & OutcomeOptions) =>
      inSession(
        options,
        async (connection, session) => {
          const job = await connection.client.retryJob(id);
          session.works(id);
          return awaitOutcome(connection, job, options, session);
        },
        ({ embedded }, suggest) => `Interrupted. To go on: ${suggest(embedded ? 'resume' : 'watch', id)}`,
      ),
    );
}
