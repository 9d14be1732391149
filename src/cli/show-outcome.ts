import type { JobView } from '../client/contract.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { countText, durationText } from '../core/forecast/units.ts';
import { commandErrors } from './command-errors.ts';
import { exitCodeOf } from './exit-codes.ts';
import { type Downloads, type FindFile, writeFiles } from './finished-files.ts';
import type { FileOptions } from './options.ts';
import type { Suggest } from './suggest.ts';
import { targetOf } from './target.ts';

export interface OutcomeOptions {
  /** The path of the finished file; `-` for standard output. */
  output?: string;
  /** An earlier output that the results are merged into, in place of an output of their own. */
  mergeInto?: string;
  json?: boolean;
  /** Show progress as lines, among those of the log. */
  verbose?: boolean;
}

/** The options of `spillway run`. */
export type RunOptions = FileOptions & OutcomeOptions;

/** How a job ended, for the user's shell and for what follows. */
export interface Outcome {
  code: number;
  view: JobView;
}

/** What a result is shown in. */
export interface Situation {
  signal: AbortSignal;
  suggest: Suggest;
}

/** Writes the files of a job that has ended, and prints the result. `texts` writes the texts of its files. */
export async function showOutcome(
  view: JobView,
  find: FindFile,
  { output, mergeInto, json = false }: OutcomeOptions,
  { signal, suggest }: Situation,
  texts: (output: string) => Promise<string | undefined> = async () => undefined,
): Promise<Outcome> {
  const place = mergeInto ?? output;
  const files: Downloads = {};
  if (place !== undefined) {
    const written =
      mergeInto === undefined
        ? writeFiles(find, place, signal)
        : // The summary is of the mended rows alone.
          writeFiles((await import('./merge.ts')).withMerged(find, mergeInto, signal), place, signal, [
            'errors',
          ]);
    Object.assign(files, await written);
    const folder = await texts(place);
    if (folder !== undefined) files.texts = folder;
  }
  // Standard output may be the place of the rows.
  const told = place !== undefined && targetOf(place).kind === 'stdout' ? process.stderr : process.stdout;
  told.write(`${summaryOf(view, files, json, suggest)}\n`);
  if (view.error && view.status === 'failed') throw new SpillwayError(view.error.code, view.error.message);
  if (place !== undefined && files.output === undefined) {
    throw new SpillwayError(commandErrors.NO_SUCH_FILE, `The job ${view.jobId} has no output file`);
  }
  return { code: exitCodeOf(view), view };
}

/** A job's result, as text or as one JSON object on a line. */
export function summaryOf(view: JobView, files: Downloads, json: boolean, suggest: Suggest): string {
  if (json) return JSON.stringify({ ...view, ...(files.output && { files }) });
  return lines(view, files, suggest).join('\n');
}

function lines(view: JobView, { output, errors, summary, texts }: Downloads, suggest: Suggest): string[] {
  const { jobId, status, error, totalItems, successCount, errorCount, cancelledCount = 0 } = view;
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
    ...(view.simulatedBy ? [simulatedText(view.simulatedBy)] : []),
    ...reasons(view),
    ...(output === undefined ? [] : [`  output  ${output}`]),
    ...(errors === undefined ? [] : [`  errors  ${errors}`]),
    ...(summary === undefined ? [] : [`  summary ${summary}`]),
    ...(texts === undefined ? [] : [`  texts   ${texts}`]),
    ...(error && status === 'cancelled' ? [`  stopped by ${error.code}: ${error.message}`] : []),
    ...(view.finishedAt ? again(view, output, suggest) : []),
  ];
}

const simulatedText = (apis: readonly string[]) =>
  `  invented: stand-ins on this machine answered for ${apis.join(', ')}; these rows say so in the column simulated`;

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

function again(
  { jobId, status, errorCount, error }: JobView,
  output: string | undefined,
  suggest: Suggest,
): string[] {
  const command = suggest('retry', jobId, ...(output ? ['--output', output] : []));
  if (status === 'cancelled') return [`  to run the failed and cancelled items again: ${command}`];
  return errorCount > 0 && !error ? [`  to run the failed items again: ${command}`] : [];
}
