import type { Command } from 'commander';
import { knownWorkload } from '../known-workload.ts';
import { type FileOptions, withFile, withInput } from '../options.ts';
import { inputsOf, readConfig, runRequest, xlsxIsCompressed } from '../run-request.ts';
import { inSession } from '../session.ts';
import { spool } from '../spool.ts';
import { submitRun } from '../submit-run.ts';
import { refusedText } from '../upload.ts';
import { UsageError } from '../usage-error.ts';

/** `spillway submit`: like `run`, but does not wait. */
export function addSubmit(program: Command): void {
  const command = withInput(program.command('submit'))
    .summary('submit a file and print the id of the job')
    .description(
      'Submits a file of rows and prints the id of the job, without waiting for its end. Without --endpoint the ' +
        'service ends with the command, and the job is held; `spillway resume <id>` then runs it.',
    )
    .option('--gzip', 'compress the output, which is CSV unless --format says otherwise')
    .addHelpText(
      'after',
      '\nExample:\n  spillway submit echo --input rows.csv --format xlsx --endpoint https://… --api-key …',
    )
    .action(async (workload: string, options: FileOptions & { gzip?: boolean }) => {
      const { format = 'csv', gzip = false } = options;
      if (gzip && format === 'xlsx') throw new UsageError(xlsxIsCompressed);
      const known = await knownWorkload(workload);
      const config = readConfig(known, options.config);
      const { inputs: input } = await spool(inputsOf(options, config), options.dataDir);
      const request = runRequest(workload, known, { ...options, input }, config, { format, gzip });
      await inSession(options, async (connection, { signal, suggest, works }) => {
        const { job, refused } = await submitRun(connection, request, signal);
        works(job.jobId);
        if (refused.length > 0) process.stderr.write(refusedText(refused));
        process.stdout.write(`${job.jobId}\n`);
        if (connection.embedded && job.status === 'running')
          process.stderr.write(`It is held until you resume it: ${suggest('resume', job.jobId)}\n`);
        return 0;
      });
    });
  withFile(command);
}
