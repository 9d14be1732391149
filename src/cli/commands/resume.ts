import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection-options.ts';
import { withConnection } from '../options.ts';
import { awaitOutcome } from '../outcome.ts';
import { outputOfRun } from '../run-note.ts';
import { inSession } from '../session.ts';
import type { OutcomeOptions } from '../show-outcome.ts';
import { checkTarget } from '../target.ts';

/** `spillway resume`: goes on with a held job. */
export function addResume(program: Command): void {
  withConnection(program.command('resume').argument('<id>', 'id of the job'))
    .summary('go on with a held job')
    .description('Goes on with a job that was interrupted or held, and waits for its end.')
    .option(
      '--output <file>',
      'where the finished file goes; failed rows go into <name>.errors.<ext> beside it (default: as the interrupted command said)',
    )
    .option('--json', 'prints the summary as a JSON object')
    .addHelpText('after', '\nExample:\n  spillway resume job_0mws… --output results.csv')
    .action((id: string, given: ConnectionOptions & OutcomeOptions) => {
      const output = given.output ?? outputOfRun(given.dataDir, id);
      if (output !== undefined) checkTarget(output);
      const options = { ...given, ...(output !== undefined && { output }), works: true };
      return inSession(
        options,
        async (connection, session) => {
          const { client, embedded } = connection;
          const before = await client.getJob(id);
          const job = before.held ? await client.resumeJob(id) : before;
          // A job that was not held is still the service's.
          if (before.held && embedded) session.works(id);
          return (await awaitOutcome(connection, job, options, session)).code;
        },
        ({ embedded }, suggest) => `Interrupted. To go on: ${suggest(embedded ? 'resume' : 'watch', id)}`,
      );
    });
}
