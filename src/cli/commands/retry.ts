import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection-options.ts';
import { withConnection } from '../options.ts';
import { awaitOutcome } from '../outcome.ts';
import { inSession } from '../session.ts';
import type { OutcomeOptions } from '../show-outcome.ts';
import { checkTarget } from '../target.ts';

/** `spillway retry`: runs failed and cancelled items again. */
export function addRetry(program: Command): void {
  withConnection(program.command('retry').argument('<id>', 'id of the job'))
    .summary('run the failed and cancelled items of a job again')
    .description('Runs the failed and the cancelled items of a job again, and waits for its end.')
    .option(
      '--output <file>',
      'where the finished file goes; failed rows go into <name>.errors.<ext> beside it',
    )
    .option('--json', 'prints the summary as a JSON object')
    .addHelpText('after', '\nExample:\n  spillway retry job_0mws… --output results.csv')
    .action((id: string, options: ConnectionOptions & OutcomeOptions) => {
      if (options.output !== undefined) checkTarget(options.output);
      return inSession(
        options,
        async (connection, session) => {
          const job = await connection.client.retryJob(id);
          session.works(id);
          return (await awaitOutcome(connection, job, options, session)).code;
        },
        ({ embedded }, suggest) => `Interrupted. To go on: ${suggest(embedded ? 'resume' : 'watch', id)}`,
      );
    });
}
