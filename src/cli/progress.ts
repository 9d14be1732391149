import { clearLine, cursorTo } from 'node:readline';
import { SingleBar } from 'cli-progress';
import { type Client, isOpen } from '../client/client.ts';
import type { JobView } from '../client/contract.ts';
import { countText, durationText, numberText } from '../core/forecast/units.ts';
import { knownWorkload } from './known-workload.ts';
import { Pace } from './pace.ts';

/** How long the service may hold a request for a job until something changes, in seconds. */
const waitSeconds = 5;

/** Waits for a job's end and shows its progress. Resolves to its last state. */
export async function follow(
  client: Client,
  job: JobView,
  output: NodeJS.WriteStream,
  verbose = false,
): Promise<JobView> {
  if (!isOpen(job)) return job;
  const workload = await knownWorkload(job.workload);
  const progress = startProgress(output, verbose, workload?.configFile?.counts);
  let latest = job;
  try {
    for await (latest of client.follow(job, waitSeconds)) progress.show(latest);
    return latest;
  } finally {
    progress.end();
  }
}

/** Shows a job's progress. */
export interface Progress {
  show(view: JobView): void;
  /** Always call this: a bar hides the terminal's cursor. */
  end(): void;
}

/** Milliseconds between two lines of a log. */
const lineEvery = 3_000;
/** The same while nothing changes, as a sign of life. */
const sameEvery = 15_000;

/** Progress counted in items: what they are called, and how many there are per line. */
export interface Counts {
  unit: string;
  every: number;
}

/** A bar on a terminal; elsewhere, such as in a log, a line every few seconds and for every given number of items. */
export function startProgress(output: NodeJS.WriteStream, verbose = false, counts?: Counts): Progress {
  return output.isTTY && !verbose ? bar(output) : lines(output, counts);
}

function bar(output: NodeJS.WriteStream): Progress {
  const pace = new Pace();
  let latest: JobView | undefined;
  const text = () => (latest ? progressText(latest, pace.perSecond(performance.now())) : 'starting');
  const line = ownLine(output);
  const drawn = new SingleBar({
    format: (_options, { progress }) => {
      const filled = Math.round(progress * barSize);
      const bar = '█'.repeat(filled) + '░'.repeat(barSize - filled);
      // A line that wraps cannot be drawn over.
      return cut(`${bar} ${Math.floor(100 * progress)}% · ${text()}`, (output.columns || 80) - 1);
    },
    hideCursor: true,
    // Also if it has not changed: something else may have been written over it.
    forceRedraw: true,
    stream: line.stream,
  });
  drawn.start(1, 0);
  return {
    show: (view) => {
      latest = view;
      pace.add(performance.now(), view.processedItems);
      drawn.setTotal(Math.max(1, view.totalItems));
      drawn.update(view.processedItems);
    },
    end: () => {
      drawn.stop();
      line.release();
    },
  };
}

const barSize = 28;

const cut = (text: string, width: number) =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`.slice(0, Math.max(0, width));

/**
 * Keeps the last line of a terminal for a bar: whatever else is written there comes above it, on lines of its own. The
 * bar is drawn again within a moment.
 */
function ownLine(output: NodeJS.WriteStream): { stream: NodeJS.WritableStream; release(): void } {
  const write = output.write;
  // A cursor that goes back to where the bar began would be among the lines that have come since.
  const own = (text: string) => write.call(output, text.replaceAll('\u001b7', '').replaceAll('\u001b8', ''));
  const stream = Object.create(output, { write: { value: own } }) as NodeJS.WriteStream;
  const others = (...args: Parameters<typeof write>) => {
    cursorTo(stream, 0);
    clearLine(stream, 0);
    const taken = write.apply(output, args);
    if (!String(args[0]).endsWith('\n')) stream.write('\n');
    return taken;
  };
  output.write = others as typeof write;
  return {
    stream,
    release: () => {
      output.write = write;
    },
  };
}

function lines(output: NodeJS.WriteStream, counts: Counts | undefined): Progress {
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
  const tell = counts && countingLines(counts);
  const ticking = setInterval(() => {
    const now = performance.now();
    if (latest && now - shownAt >= lineEvery) show(latest, now);
  }, 500);
  return {
    show: (view) => {
      const now = performance.now();
      latest = view;
      pace.add(now, view.processedItems);
      for (const line of tell?.(view) ?? []) output.write(`${line}\n`);
      if (now - shownAt >= lineEvery || view.status !== 'running') show(view, now);
    },
    end: () => clearInterval(ticking),
  };
}

/**
 * `Progress: 1000/200000 users processed (0.5%)` for each step of `every` items since the last look;
 * `100/2000+ users processed` while the file is still being read and the total is unknown.
 */
export function countingLines({ unit, every }: Counts): (view: JobView) => string[] {
  let told: number | undefined;
  return ({ processedItems, totalItems, planning }) => {
    const reached = Math.floor(processedItems / every);
    const from = Math.min(told ?? reached, reached);
    told = reached;
    return Array.from({ length: reached - from }, (_, n) => {
      const done = (from + n + 1) * every;
      const text = `Progress: ${done}/${totalItems}${planning ? '+' : ''} ${unit} processed`;
      return planning ? text : `${text} (${((100 * done) / totalItems).toFixed(1)}%)`;
    });
  };
}

/** `waiting for cards, down since 14:03:12 · UPSTREAM_FAILED: 500 boom, 12 times`; nothing if nothing holds it up. */
function waitText({ waitingFor, lastError }: JobView): string[] {
  const since = (time: string) => new Date(time).toLocaleTimeString('en-GB');
  const wait = waitingFor && {
    upstream: `waiting for ${waitingFor.name}, down since ${since(waitingFor.since)}`,
    rate: `waiting for the rate ${waitingFor.name} since ${since(waitingFor.since)}`,
    memory: `waiting for memory since ${since(waitingFor.since)}`,
    lane: `waiting for ${waitingFor.name} since ${since(waitingFor.since)}`,
  };
  return [
    ...(wait && waitingFor ? [wait[waitingFor.kind]] : []),
    ...(lastError ? [`${lastError.code}: ${oneLine(lastError.message)}, ${timesText(lastError.count)}`] : []),
  ];
}

const oneLine = (text: string) => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longestCause ? `${line.slice(0, longestCause)}…` : line;
};
/** Characters of an error's message on a bar. */
const longestCause = 80;
const timesText = (count: number) => (count === 1 ? 'once' : `${countText(count)} times`);

/** `1,200/5,000 items · 410/s · 9.3 s left · 3 failed`; leaves out unknown values. */
export function progressText(view: JobView, perSecond: number | undefined): string {
  const { processedItems, totalItems, pendingCount, errorCount, planning } = view;
  const allDone = !planning && pendingCount === 0;
  const rate = perSecond === undefined || allDone ? [] : [`${numberText(perSecond)}/s`];
  const known = perSecond !== undefined && perSecond > 0 && !planning && pendingCount > 0;
  if (planning && totalItems === 0) return 'reading the file';
  return [
    `${countText(processedItems)}/${countText(totalItems)}${planning ? '+' : ''} items`,
    ...rate,
    ...(known ? [`${durationText(Math.ceil((1000 * pendingCount) / perSecond / 1000) * 1000)} left`] : []),
    ...(errorCount > 0 ? [`${countText(errorCount)} failed`] : []),
    ...(planning ? ['reading the file'] : []),
    ...(allDone && totalItems > 0 && view.status === 'running' ? ['writing the output'] : []),
    ...waitText(view),
    ...(view.held ? ['held'] : []),
  ].join(' · ');
}
