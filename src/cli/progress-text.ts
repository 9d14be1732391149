import type { JobView } from '../client/contract.ts';
import { countText, durationText, numberText } from '../core/forecast/units.ts';

/** `1,200/5,000 items · 410/s · 9.3 s left · 3 failed`; what is not known is left out. */
export function progressText(view: JobView, perSecond: number | undefined): string {
  const { processedItems, totalItems, pendingCount, errorCount, planning, paused } = view;
  const allDone = !planning && pendingCount === 0;
  const rate = perSecond === undefined || allDone ? [] : [`${numberText(perSecond)}/s`];
  const known = perSecond !== undefined && !planning && pendingCount > 0;
  if (planning && totalItems === 0) return 'reading the file';
  return [
    `${countText(processedItems)}/${countText(totalItems)}${planning ? '+' : ''} items`,
    ...rate,
    ...(known ? [`${durationText(Math.ceil((1000 * pendingCount) / perSecond / 1000) * 1000)} left`] : []),
    ...(errorCount > 0 ? [`${countText(errorCount)} failed`] : []),
    ...(planning ? ['reading the file'] : []),
    ...(allDone && totalItems > 0 && view.status === 'running' ? ['writing the output'] : []),
    ...(paused ? [`waiting for ${paused.upstream}`] : []),
  ].join(' · ');
}
