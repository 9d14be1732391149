import { SingleBar } from 'cli-progress';
import type { JobView } from '../jobs/view.ts';
import { Pace } from './pace.ts';
import { progressText } from './progress-text.ts';

/** Shows how far a job is. */
export interface Progress {
  show(view: JobView): void;
  /** Must be called in any case: a bar hides the terminal's cursor. */
  end(): void;
}

/** Milliseconds between two lines of a log. */
const lineEvery = 3_000;
/** The same where nothing has changed: a sign of life. */
const sameEvery = 15_000;

/** A bar on a terminal; elsewhere, such as in a log, a line every few seconds. */
export function startProgress(output: NodeJS.WriteStream): Progress {
  return output.isTTY ? bar(output) : lines(output);
}

function bar(output: NodeJS.WriteStream): Progress {
  const pace = new Pace();
  let latest: JobView | undefined;
  const text = () => (latest ? progressText(latest, pace.perSecond(performance.now())) : 'starting');
  const drawn = new SingleBar({
    format: '{bar} {percentage}% · {text}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    stream: output,
  });
  drawn.start(1, 0, { text: text() });
  return {
    show: (view) => {
      latest = view;
      pace.add(performance.now(), view.processedItems);
      drawn.setTotal(Math.max(1, view.totalItems));
      drawn.update(view.processedItems, { text: text() });
    },
    end: () => drawn.stop(),
  };
}

function lines(output: NodeJS.WriteStream): Progress {
  const pace = new Pace();
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = '';
  let latest: JobView | undefined;
  const show = (view: JobView, now: number) => {
    const text = progressText(view, pace.perSecond(now));
    if (text === shown && now - shownAt < sameEvery) return;
    shownAt = now;
    shown = text;
    output.write(`${text}\n`);
  };
  const ticking = setInterval(() => {
    const now = performance.now();
    if (latest && now - shownAt >= lineEvery) show(latest, now);
  }, 500);
  return {
    show: (view) => {
      const now = performance.now();
      latest = view;
      pace.add(now, view.processedItems);
      if (now - shownAt >= lineEvery || view.status !== 'running') show(view, now);
    },
    end: () => clearInterval(ticking),
  };
}
