import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection-options.ts';
import { withConnection } from '../options.ts';
import { inSession } from '../session.ts';
import { summaryOf } from '../show-outcome.ts';

/** `spillway cancel`: stops a job from starting more items. */
export function addCancel(program: Command): void {
  withConnection(program.command('cancel').argument('<id>', 'id of the job'))
    .summary('cancel a job')
    .description('Cancels a job: no more of its items start, and what is finished stays.')
    .option('--json', 'prints the job as a JSON object')
    .addHelpText('after', '\nExample:\n  spillway cancel job_0mws…')
    .action((id: string, options: ConnectionOptions & { json?: boolean }) =>
      inSession(options, async ({ client }, { suggest }) => {
        const job = await client.cancelJob(id);
        process.stdout.write(`${summaryOf(job, {}, options.json ?? false, suggest)}\n`);
        return 0;
      }),
    );
}
