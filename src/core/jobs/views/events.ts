import { sleep } from '../../engine/clock.ts';
import type { JobState } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { familiesOf, isClosed, rootOf, roundOf, type Slice } from '../model/slice.ts';
import { currentState, pollEveryMs } from './current-state.ts';
import { eventId, isIn, runsOf, type Told, toldBy, toldNothing } from './event-id.ts';
import { isOpen, type JobView, viewOf } from './view.ts';

/** A run of items that all have an outcome. */
export interface Settled {
  /** Index of its first item. */
  from: number;
  items: number;
  succeeded: number;
  failed: number;
}

/**
 * A job's current view, and the items settled since the previous event. From any event on, the events up to the end
 * name every item that was not settled by then, no matter how often the follower reconnects.
 */
export interface JobEvent {
  id: string;
  /** The job has ended: no event follows. */
  ended: boolean;
  data: JobView & { settled: Settled[] };
}

export interface EventsOptions {
  /** Id of the last event that the caller has seen, according to the caller. */
  lastEventId?: string | undefined;
  /** Epoch milliseconds at which to stop even though the job continues. */
  until: number;
  /** Aborts when the caller disconnects. */
  signal: AbortSignal;
}

/** Whether the caller has seen the job's last event. */
export function hasSeenTheEnd(state: JobState, lastEventId: string | undefined): boolean {
  return !isOpen(state) && eventSince(toldNothing, state)[0].id === lastEventId;
}

/** Yields the job at once, then whenever it has changed, and last when it has ended. */
export async function* jobEvents(
  jobs: JobsContext,
  found: JobState,
  { lastEventId, until, signal }: EventsOptions,
): AsyncGenerator<JobEvent> {
  const { clock } = jobs;
  let told = toldBy(lastEventId, found);
  let before: string | undefined;
  let state: JobState | undefined = found;
  for (;;) {
    if (state) {
      const [event, now] = eventSince(told, state, jobs.settings.session);
      const view = comparable(event.data);
      if (event.ended || view !== before) yield event;
      if (event.ended) return;
      told = now;
      // The next event lists only what settles after this one: a shorter `settled` alone is no change.
      before = comparable({ ...event.data, settled: [] });
    }
    if (clock.now() + pollEveryMs >= until) return;
    await sleep(clock, pollEveryMs, signal).catch(() => {});
    if (signal.aborted) return;
    state = await currentState(jobs, found.job.id, until);
  }
}

/** Leaves out the fields that change with time alone. */
function comparable({ rate, etaSeconds, ...data }: JobEvent['data']): string {
  return JSON.stringify(data);
}

/** The event since `told`, and what the caller has been told after it. */
export function eventSince(told: Told, state: JobState, session?: string): [JobEvent, Told] {
  const { job } = state;
  const view = viewOf(state, undefined, session);
  const ended = !isOpen(state);
  const round = job.rounds ?? 0;
  // Slices of a round that never began do not belong to the job.
  const families = familiesOf(state.slices.filter(({ id }) => roundOf(id) <= round));
  const settled = families.filter((family) => family.every(isClosed));
  const news = settled.filter(
    (family) => roundsOf(family) > told.round || !isIn(told.runs, positionOf(family)),
  );
  const now = { round, runs: runsOf(settled.map(positionOf)) };
  const id = eventId(now, view.processedItems, ended);
  return [{ id, ended, data: { ...view, settled: joined(news.map(settledOf)) } }, now];
}

const positionOf = ([first]: readonly Slice[]) => Number(rootOf(first?.id ?? ''));

/** A family's last round. */
const roundsOf = (family: readonly Slice[]) => Math.max(...family.map(({ id }) => roundOf(id)));

/** Of a retried item, only the last outcome counts. */
function settledOf(family: readonly Slice[]): Settled {
  const [root] = family;
  const last = roundsOf(family);
  const succeeded = family.reduce((sum, slice) => sum + slice.succeeded, 0);
  const failed = family.reduce((sum, { id, failed }) => sum + (roundOf(id) === last ? failed : 0), 0);
  return { from: root?.from ?? 0, items: root?.span ?? 0, succeeded, failed };
}

/** Joins adjacent runs. */
function joined(all: readonly Settled[]): Settled[] {
  const runs: Settled[] = [];
  for (const one of all) {
    const last = runs.at(-1);
    if (last && last.from + last.items === one.from) {
      last.items += one.items;
      last.succeeded += one.succeeded;
      last.failed += one.failed;
    } else runs.push({ ...one });
  }
  return runs;
}
