import type { JobState } from '../model/job.ts';

/** What a follower of a job's events already knows, as far as it decides what is new. */
export interface Told {
  /** The round of the job. */
  round: number;
  /** Positions of the slices reported as settled: first and last of each run. */
  runs: readonly Run[];
}

export type Run = readonly [from: number, to: number];

export const toldNothing: Told = { round: 0, runs: [] };

/** Ids must fit a header. Further runs are left out and repeated after a reconnect: sent twice, but not lost. */
const maxRuns = 200;

/** `<round>/<items processed>/<run or end>/<runs>`, for example `0/25/run/0-4,7`. Grows with a job's progress. */
export function eventId({ round, runs }: Told, processed: number, ended: boolean): string {
  const listed = runs.slice(0, maxRuns).map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return `${round}/${processed}/${ended ? 'end' : 'run'}/${listed.join(',')}`;
}

/** Parses a `Last-Event-ID`. An invalid one, or one of a round that has not begun, counts as nothing told. */
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

/** Joins ascending positions into runs. */
export function runsOf(positions: readonly number[]): Run[] {
  const runs: [number, number][] = [];
  for (const position of positions) {
    const last = runs.at(-1);
    if (last && last[1] === position - 1) last[1] = position;
    else runs.push([position, position]);
  }
  return runs;
}
