import type { Client } from '../client/client.ts';
import type { JobView } from '../client/contract.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { countText, durationText } from '../core/forecast/units.ts';
import { commandErrors } from './command-errors.ts';
import type { Connection } from './connection.ts';
import { type Downloads, downloadFiles } from './download.ts';
import { exitCodeOf } from './errors.ts';
import { follow } from './progress.ts';
import { downloadTexts } from './texts.ts';

export interface OutcomeOptions {
  /** The path of the finished file. */
  output?: string;
  json?: boolean;
  /** Show progress as lines, among those of the log. */
  verbose?: boolean;
}

/**
 * Waits for a job's end, downloads its files and prints the result. Resolves to the exit code. Throws the
 * job's own error if the job could not be completed, and `NO_SUCH_FILE`.
 */
export async function awaitOutcome(
  { client }: Connection,
  job: JobView,
  { output, json = false, verbose = false }: OutcomeOptions,
  signal: AbortSignal,
): Promise<number> {
  const view = await follow(client, job, process.stderr, verbose);
  const files: Downloads = output === undefined ? {} : await filesOf(client, view, output, signal);
  process.stdout.write(`${summaryOf(view, files, json)}\n`);
  if (view.error && view.status === 'failed') throw new SpillwayError(view.error.code, view.error.message);
  if (output !== undefined && files.output === undefined) {
    throw new SpillwayError(commandErrors.NO_SUCH_FILE, `The job ${view.jobId} has no output file`);
  }
  return exitCodeOf(view);
}

async function filesOf(
  client: Client,
  view: JobView,
  output: string,
  signal: AbortSignal,
): Promise<Downloads> {
  const files = await downloadFiles(client, view.jobId, output, signal);
  const texts = await downloadTexts(client, view, output, signal);
  return { ...files, ...(texts !== undefined && { texts }) };
}

/** A job's result, as text or as one JSON object on a line. */
export function summaryOf(view: JobView, files: Downloads, json: boolean): string {
  return json ? JSON.stringify({ ...view, ...(files.output && { files }) }) : lines(view, files).join('\n');
}

function lines(view: JobView, { output, errors, summary, texts }: Downloads): string[] {
  const { jobId, status, error, totalItems, successCount, errorCount } = view;
  const { cancelledCount = 0, needsReview = 0 } = view;
  const took = view.finishedAt && Date.parse(view.finishedAt) - Date.parse(view.createdAt);
  const counts = [
    `${countText(totalItems)} items`,
    `${countText(successCount)} succeeded`,
    `${countText(errorCount)} failed`,
    ...(cancelledCount > 0 ? [`${countText(cancelledCount)} cancelled`] : []),
  ].join(', ');
  return [
    `${jobId} ${status}: ${counts}${took ? `, after ${durationText(took)}` : ''}`,
    ...(view.warnings ?? []).map(({ message }) => `  note    ${message}`),
    ...reasons(view),
    ...(needsReview === 0
      ? []
      : [`  look at ${countText(needsReview)} of them: spillway results ${jobId} --review`]),
    ...(output === undefined ? [] : [`  output  ${output}`]),
    ...(errors === undefined ? [] : [`  errors  ${errors}`]),
    ...(summary === undefined ? [] : [`  summary ${summary}`]),
    ...(texts === undefined ? [] : [`  texts   ${texts}`]),
    ...(error && status === 'cancelled' ? [`  stopped by ${error.code}: ${error.message}`] : []),
    ...(view.finishedAt ? again(view, output) : []),
  ];
}

/** The most error codes to show. */
const mostCodes = 5;

/** Why items failed: `  failed  31 × INVALID_ITEM, 2 × TIMED_OUT`, the most frequent first. */
function reasons({ errorCounts = {} }: JobView): string[] {
  const codes = Object.entries(errorCounts).sort(([, one], [, other]) => other - one);
  if (codes.length === 0) return [];
  const shown = codes.slice(0, mostCodes).map(([code, count]) => `${countText(count)} × ${code}`);
  const more = codes.length > mostCodes ? ', …' : '';
  return [`  failed  ${shown.join(', ')}${more}`];
}

function again({ jobId, status, errorCount, error }: JobView, output: string | undefined): string[] {
  const command = `spillway retry ${jobId}${output ? ` --output ${output}` : ''}`;
  if (status === 'cancelled') return [`  to run the failed and cancelled items again: ${command}`];
  return errorCount > 0 && !error ? [`  to run the failed items again: ${command}`] : [];
}
