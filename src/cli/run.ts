import type { JobView } from '../client/contract.ts';
import type { Connection } from './connection.ts';
import { rememberEnd } from './ended-run.ts';
import { knownWorkload } from './known-workload.ts';
import { checkMerge } from './merge.ts';
import { awaitOutcome } from './outcome.ts';
import { follow } from './progress.ts';
import { inputsOf, mergedType, outputOf, readConfig, required, runRequest } from './run-request.ts';
import { inSession } from './session.ts';
import type { RunOptions } from './show-outcome.ts';
import { spool } from './spool.ts';
import { adjusted, submitRun } from './submit-run.ts';
import { standardStream } from './target.ts';
import { refusedText } from './upload.ts';
import { UsageError } from './usage-error.ts';

/** `spillway run`, where a service is needed. */
export async function run(workload: string, given: RunOptions): Promise<void> {
  const known = await knownWorkload(workload);
  const config = readConfig(known, given.config);
  const { mergeInto } = given;
  if (mergeInto !== undefined && given.output !== undefined)
    throw new UsageError('--output and --merge-into exclude each other.');
  const output = mergeInto ?? required('--output <file>', given.output ?? config.output);
  const named = inputsOf(given, config);
  const type =
    mergeInto === undefined ? outputOf(output, named, given.format) : mergedType(output, given.format);
  const { inputs: input, remove } = await spool(named, given.dataDir);
  if (mergeInto !== undefined) await checkMerge(mergeInto, input[0] ?? '', readingOf(given));
  const options = { ...given, input, ...(mergeInto === undefined && { output }) };
  const isFile = mergeInto === undefined && output !== standardStream;
  const request = {
    ...runRequest(workload, known, options, config, type),
    ...(isFile && { outputPath: output }),
  };
  await inSession(
    { ...options, works: true },
    async (connection, session) => {
      const { job, known, refused, note } = await submitRun(connection, request, session.signal);
      session.works(job.jobId);
      if (refused.length > 0) process.stderr.write(refusedText(refused));
      const { status } = job;
      const what = status === 'running' ? 'continues' : 'has already ended (--again starts a new job)';
      if (status !== 'cancelled') process.stderr.write(`${job.jobId}: ${known ? what : 'submitted'}\n`);
      const going =
        status === 'cancelled'
          ? await adjusted(connection, request, note, await runAgain(connection, job, options))
          : job;
      const { code, view } = await awaitOutcome(connection, going, options, session);
      // A cancelled job may have rows that were not read yet.
      if (view.status !== 'cancelled') await remove();
      if (connection.embedded) await rememberEnd(workload, given, { input: named, output, view, type });
      return code;
    },
    ({ embedded }) =>
      embedded
        ? 'Interrupted. Nothing is lost: the job is held, and the same command continues where this one stopped.'
        : 'Interrupted. The service continues the job; the same command follows it.',
  );
}

const readingOf = ({ inputFormat, encoding }: RunOptions) => ({
  ...(inputFormat && { format: inputFormat }),
  ...(encoding && { encoding }),
});

/** Runs failed and cancelled items again, after the job has been wound up. */
async function runAgain(connection: Connection, stopped: JobView, options: RunOptions): Promise<JobView> {
  const { jobId, error } = await follow(connection.client, stopped, process.stderr, options.verbose);
  const why = error ? `was stopped by ${error.code}` : 'was cancelled';
  process.stderr.write(
    `${jobId}: ${why}; running the failed and the cancelled items again (--again starts a new job)\n`,
  );
  return connection.client.retryJob(jobId);
}
