import type { Api } from '../client/api.ts';
import type { JobView } from '../client/contract.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import type { Connection } from './connection.ts';
import { type Downloads, downloadFiles } from './download.ts';
import { exitCodeOf } from './exit-codes.ts';
import { follow } from './follow.ts';
import { summaryOf } from './summary.ts';
import { downloadTexts } from './texts.ts';

export interface OutcomeOptions {
  /** Where the finished file goes. */
  output?: string;
  json?: boolean;
  /** Progress as lines, among those of the log. */
  verbose?: boolean;
}

/**
 * Waits for a job's end, fetches its files and prints what became of it. Resolves to the exit code.
 * Throws the job's own error where it could not be carried through, and `NO_SUCH_FILE`.
 */
export async function awaitOutcome(
  { api }: Connection,
  job: JobView,
  { output, json = false, verbose = false }: OutcomeOptions,
  signal: AbortSignal,
): Promise<number> {
  const view = await follow(api, job, process.stderr, verbose);
  const files: Downloads = output === undefined ? {} : await filesOf(api, view, output, signal);
  process.stdout.write(`${summaryOf(view, files, json)}\n`);
  if (view.error && view.status === 'failed') throw new SpillwayError(view.error.code, view.error.message);
  if (output !== undefined && files.output === undefined) {
    throw new SpillwayError('NO_SUCH_FILE', `The job ${view.jobId} has no output file`);
  }
  return exitCodeOf(view);
}

async function filesOf(api: Api, view: JobView, output: string, signal: AbortSignal): Promise<Downloads> {
  const files = await downloadFiles(api, view.jobId, output, signal);
  const texts = await downloadTexts(api, view, output, signal);
  return { ...files, ...(texts !== undefined && { texts }) };
}
