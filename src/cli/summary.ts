import type { JobView } from '../client/contract.ts';
import { countText, durationText } from '../core/forecast/units.ts';
import type { Downloads } from './download.ts';

/** What became of a job, as text or as one JSON object in a line. */
export function summaryOf(view: JobView, files: Downloads, json: boolean): string {
  return json ? JSON.stringify({ ...view, ...(files.output && { files }) }) : lines(view, files).join('\n');
}

function lines(view: JobView, { output, errors, summary, texts }: Downloads): string[] {
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
    ...reasons(view),
    ...(output === undefined ? [] : [`  output  ${output}`]),
    ...(errors === undefined ? [] : [`  errors  ${errors}`]),
    ...(summary === undefined ? [] : [`  summary ${summary}`]),
    ...(texts === undefined ? [] : [`  texts   ${texts}`]),
    ...(error && status === 'cancelled' ? [`  stopped by ${error.code}: ${error.message}`] : []),
    ...(view.finishedAt ? again(view, output) : []),
  ];
}

/** Codes that are shown. */
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
