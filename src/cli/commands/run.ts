import type { Command } from 'commander';
import type { JobView } from '../../client/contract.ts';
import type { Connection } from '../connection.ts';
import { knownWorkload } from '../known-workload.ts';
import { type FileOptions, withFile, withInput } from '../options.ts';
import { awaitOutcome, type OutcomeOptions } from '../outcome.ts';
import { follow } from '../progress.ts';
import { inputsOf, outputOf, readConfig, required, runRequest } from '../run-request.ts';
import { inSession } from '../session.ts';
import { adjusted, submitRun } from '../submit-run.ts';
import { refusedText } from '../upload.ts';

type Options = FileOptions & OutcomeOptions;

/** `spillway run`: a file in, a file out. */
export function addRun(program: Command): void {
  const command = withInput(program.command('run'))
    .summary('process a file')
    .description(
      'Processes a file of rows and writes the results in the same order. The same command, given again after ' +
        'Ctrl+C or a crash, or after the job was stopped or cancelled, continues where it stopped, also at another ' +
        'pace or with another output. Given again after the end, it writes the output once more.',
    )
    .option(
      '--output <file>',
      'where the results go: .csv, .jsonl or .json, each also with .gz appended, or .xlsx; failed rows go into errors.<ext> beside it, the full texts of files into <name>-texts/',
    )
    .option('--json', 'prints the summary as a JSON object')
    .addHelpText('after', example)
    .action(run);
  withFile(command);
}

const example = `
Exit codes: 0 all rows succeeded, 3 some failed or the job was stopped by an error, 130 interrupted, 2 wrong usage, 1 anything else.

Examples:
  spillway run echo --input rows.csv --output results.xlsx
  spillway run echo --input rows.csv.gz --output results.jsonl.gz --set delayMs=20`;

async function run(workload: string, given: Options): Promise<void> {
  const known = await knownWorkload(workload);
  const config = readConfig(known, given.config);
  const output = required('--output <file>', given.output ?? config.output);
  const input = inputsOf(given, config);
  const options = { ...given, input, output };
  const file = outputOf(output, input, options.format);
  const request = { ...runRequest(workload, known, options, config, file), outputPath: output };
  await inSession(
    { ...options, works: true },
    async (connection, session) => {
      const { job, known, refused, note } = await submitRun(connection, request, session.signal);
      session.works(job.jobId);
      if (refused.length > 0) process.stderr.write(refusedText(refused));
      if (job.status === 'cancelled') {
        const again = await runAgain(connection, job, options);
        return awaitOutcome(connection, await adjusted(connection, request, note, again), options, session);
      }
      const what = job.status === 'running' ? 'continues' : 'has already ended (--again starts a new job)';
      process.stderr.write(`${job.jobId}: ${known ? what : 'submitted'}\n`);
      return awaitOutcome(connection, job, options, session);
    },
    ({ embedded }) =>
      embedded
        ? 'Interrupted. Nothing is lost: the job is held, and the same command continues where this one stopped.'
        : 'Interrupted. The service continues the job; the same command follows it.',
  );
}

/** Runs failed and cancelled items again, after the job has been wound up. */
async function runAgain(connection: Connection, stopped: JobView, options: Options): Promise<JobView> {
  const { jobId, error } = await follow(connection.client, stopped, process.stderr, options.verbose);
  const why = error ? `was stopped by ${error.code}` : 'was cancelled';
  process.stderr.write(
    `${jobId}: ${why}; running the failed and the cancelled items again (--again starts a new job)\n`,
  );
  return connection.client.retryJob(jobId);
}
