import type { JobView } from '../jobs/view.ts';
import { countText, durationText } from '../plan/units.ts';
import type { Downloads } from './download.ts';

/** What became of a job, as text or as one JSON object in a line. */
export function summaryOf(view: JobView, files: Downloads, json: boolean): string {
  return json ? JSON.stringify({ ...view, ...(files.output && { files }) }) : lines(view, files).join('\n');
}

function lines(view: JobView, { output, errors, summary }: Downloads): string[] {
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
    ...(output === undefined ? [] : [`  output  ${output}`]),
    ...(errors === undefined ? [] : [`  errors  ${errors}`]),
    ...(summary === undefined ? [] : [`  summary ${summary}`]),
    ...(error && status === 'cancelled' ? [`  stopped by ${error.code}: ${error.message}`] : []),
    ...(view.finishedAt ? again(view) : []),
  ];
}

function again({ jobId, status, errorCount, error }: JobView): string[] {
  if (status === 'cancelled')
    return [`  what failed and what was cancelled is run by: spillway retry ${jobId}`];
  return errorCount > 0 && !error ? [`  what failed is run again by: spillway retry ${jobId}`] : [];
}
