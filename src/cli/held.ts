import type { JobView } from '../client/contract.ts';
import { countText } from '../core/forecast/units.ts';
import type { Suggest } from './suggest.ts';

/** Jobs to name, the latest first. */
const mostShown = 5;

/** Says which jobs are held, and how to go on with them or be rid of them. Empty if there are none. */
export function heldText(held: readonly JobView[], suggest: Suggest): string {
  if (held.length === 0) return '';
  const head =
    held.length === 1
      ? 'A job is held: it was interrupted, and does not go on by itself.'
      : `${held.length} jobs are held: they were interrupted, and do not go on by themselves.`;
  const lines = held
    .slice(0, mostShown)
    .flatMap((job) => [
      `  ${job.jobId}  ${job.workload}, ${progressOf(job)}, held since ${timeText(job.heldSince)}`,
      `    to go on:   ${suggest('resume', job.jobId)}`,
      `    to end it:  ${suggest('cancel', job.jobId)}`,
    ]);
  const more = held.length > mostShown ? [`  … and ${held.length - mostShown} more: ${suggest('list')}`] : [];
  return `${[head, ...lines, ...more].join('\n')}\n`;
}

/** Says which jobs of a service, which has ended, the service of this command works on. Empty if there are none. */
export function goingOnText(jobs: readonly JobView[], suggest: Suggest): string {
  const lines = jobs
    .slice(0, mostShown)
    .map(
      (job) =>
        `${job.jobId} of a service goes on meanwhile: ${job.workload}, ${progressOf(job)}. To end it: ${suggest('cancel', job.jobId)}\n`,
    );
  const more = jobs.length > mostShown ? [`… and ${jobs.length - mostShown} more: ${suggest('list')}\n`] : [];
  return [...lines, ...more].join('');
}

const progressOf = ({ processedItems, totalItems, planning }: JobView) =>
  `${countText(processedItems)} of ${countText(totalItems)}${planning ? '+' : ''} items done`;

const timeText = (time = '') => time.slice(0, 19).replace('T', ' ');
