import { type Html, html } from '../html.ts';
import type { Invocation } from '../invocations.ts';

/** What ran when, from the request to the job's end. Times in seconds since the request. */
export interface Timeline {
  end: number;
  /** The time of the first answer. */
  answered: number;
  /** One row for each process, with its runs. */
  rows: { functionName: string; runs: { from: number; to: number }[] }[];
}

export interface TimelineOptions {
  invocations: readonly Invocation[];
  /** When the request was sent, on the invocations' clock. */
  startedAt: number;
  /** Seconds after `startedAt`. */
  answered: number;
  end: number;
}

export function timelineOf({ invocations, startedAt, answered, end }: TimelineOptions): Timeline {
  const since = (ms: number) => Math.min(end, Math.max(0, (ms - startedAt) / 1000));
  const byProcess = Map.groupBy(invocations, ({ pid }) => pid);
  const rows = [...byProcess.values()].map((runs) => ({
    functionName: runs[0]?.functionName ?? '',
    runs: runs.map((run) => ({
      from: since(run.startedAt),
      to: run.endedAt === undefined ? end : since(run.endedAt),
    })),
  }));
  return { end, answered, rows };
}

/** A bar for each invocation, a row for each process, and a mark at the first answer. */
export function timelineFigure({ end, answered, rows }: Timeline): Html {
  const percent = (seconds: number) => `${((100 * seconds) / end).toFixed(2)}%`;
  const bar = (kind: string, { from, to }: { from: number; to: number }) =>
    html`<i class="${kind}" style="left:${percent(from)};width:${percent(to - from)}" title="${from.toFixed(1)}–${to.toFixed(1)} s"></i>`;
  const row = ({ functionName, runs }: Timeline['rows'][number]) => {
    const kind = functionName === 'continueJob' ? 'continuation' : 'call';
    return html`<span>${functionName}</span><div class="lane">${runs.map((run) => bar(kind, run))}<i class="mark" style="left:${percent(answered)}"></i></div>\n`;
  };
  const note = `first answer, ${answered.toFixed(1)} s`;
  // On the side of the mark with more room; at the very end, that is the whole scale.
  const side = answered < end / 2 ? `left:${percent(answered)}` : `right:${percent(end - answered)}`;
  const last = answered > 0.85 * end ? '' : html`<span class="last">${end.toFixed(1)} s</span>`;
  return html`<div class="timeline">
${rows.map(row)}<span></span><p class="scale"><span style="${side}">${note}</span>${last}</p>
</div>`;
}
