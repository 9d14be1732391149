import type { JobState } from '../model/job.ts';

/** What a follower of a job's events has been told, as far as it decides what is news. */
export interface Told {
  /** The round of the job. */
  round: number;
  /** Positions of the slices that were told to be settled, first and last of each run. */
  runs: readonly Run[];
}

export type Run = readonly [from: number, to: number];

export const toldNothing: Told = { round: 0, runs: [] };

/** Ids are headers. What does not fit is left out, and told again after a reconnect: twice, but not lost. */
const maxRuns = 200;

/** `<round>/<items processed>/<run or end>/<runs>`, for example `0/25/run/0-4,7`. Grows with a job's progress. */
export function eventId({ round, runs }: Told, processed: number, ended: boolean): string {
  const listed = runs.slice(0, maxRuns).map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return `${round}/${processed}/${ended ? 'end' : 'run'}/${listed.join(',')}`;
}

/** Reads a `Last-Event-ID`. What is none, or of a round that has not begun, says nothing. */
export function toldBy(id: string | undefined, { job }: JobState): Told {
  const [, round, listed] = /^(\d{1,6})\/\d+\/(?:run|end)\/([\d,-]{0,4000})$/.exec(id ?? '') ?? [];
  if (listed === undefined || Number(round) > (job.rounds ?? 0)) return toldNothing;
  const runs = [...listed.matchAll(/(\d+)(?:-(\d+))?/g)].map(
    ([, from, to = from]): Run => [Number(from), Number(to)],
  );
  return { round: Number(round), runs };
}

export function isIn(runs: readonly Run[], position: number): boolean {
  return runs.some(([from, to]) => position >= from && position <= to);
}

/** Ascending positions as runs. */
export function runsOf(positions: readonly number[]): Run[] {
  const runs: [number, number][] = [];
  for (const position of positions) {
    const last = runs.at(-1);
    if (last && last[1] === position - 1) last[1] = position;
    else runs.push([position, position]);
  }
  return runs;
}
