import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection-options.ts';
import { withConnection } from '../options.ts';
import { awaitOutcome } from '../outcome.ts';
import { inSession } from '../session.ts';
import type { OutcomeOptions } from '../show-outcome.ts';
import { checkTarget } from '../target.ts';

/** `spillway watch`: follows a job to its end. */
export function addWatch(program: Command): void {
  withConnection(program.command('watch').argument('<id>', 'id of the job'))
    .summary('wait for a job')
    .description(
      'Shows the progress of a job until it ends. Without --endpoint, the service on this machine works on it meanwhile, unless it is held.',
    )
    .option(
      '--output <file>',
      'where the finished file goes; failed rows go into <name>.errors.<ext> beside it',
    )
    .option('--json', 'prints the summary as a JSON object')
    .addHelpText('after', '\nExample:\n  spillway watch job_0mws… --output results.csv')
    .action((id: string, options: ConnectionOptions & OutcomeOptions) => {
      if (options.output !== undefined) checkTarget(options.output);
      return inSession(
        options,
        async (connection, session) => {
          const job = await connection.client.getJob(id);
          return (await awaitOutcome(connection, job, options, session)).code;
        },
        ({ embedded }) =>
          embedded ? 'Interrupted. The same command continues the job.' : 'Interrupted. The job continues.',
      );
    });
}
