import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { isClosed, rootOf, type Slice, sliceId } from '../model/slice.ts';
import { sendMessages } from './messages.ts';

/**
 * A job with a maximum of N slices at work at a time has N lanes: every N-th slice, with all that comes out of it, is in
 * the same one, and of each lane one is at work. Who closes a slice sends the next one of its lane.
 */
function laneOf(id: string, lanes: number): number {
  return positionOf(id) % lanes;
}

const positionOf = (id: string) => Number(rootOf(id));

/** Of slices in the order of their ids, those that may be at work: the open ones, or the first of them in each lane. */
export function startable(slices: readonly Slice[], maxWorkers: number | undefined): Slice[] {
  const open = slices.filter((slice) => !isClosed(slice));
  if (maxWorkers === undefined) return open;
  const first = new Map<number, Slice>();
  for (const slice of open) {
    const lane = laneOf(slice.id, maxWorkers);
    if (!first.has(lane)) first.set(lane, slice);
  }
  return [...first.values()];
}

/** Sends what comes next in the lane of a slice that was closed. What is lost here the sweeper makes up for. */
export async function sendNext(jobs: JobsContext, job: Job, closed: Slice): Promise<void> {
  const { id: jobId, maxWorkers } = job;
  if (maxWorkers === undefined || job.status !== 'running') return;
  for (let position = positionOf(closed.id); ; position += maxWorkers) {
    const family = await jobs.ledger.family(jobId, sliceId(position));
    if (family.length === 0) return;
    const next = family.find((slice) => !isClosed(slice));
    if (next?.status === 'queued') await sendMessages(jobs, job, [next.id]);
    if (next) return;
  }
}

/**
 * Tells a planner which of its new slices may start at once. It asks after it has inserted one, as who closes a slice
 * looks for the next one after that: so one of the two sees the other.
 */
export async function laneGate(
  jobs: JobsContext,
  job: Job,
  planned: number,
): Promise<(slice: Slice) => Promise<boolean>> {
  const { id: jobId, maxWorkers } = job;
  if (maxWorkers === undefined) return async () => true;
  const { slices = [] } = (await jobs.ledger.state(jobId)) ?? {};
  /** Of each lane the last slice that was open when it was looked at. */
  const tails = new Map<number, string>();
  for (const { id } of openBefore(slices, planned)) tails.set(laneOf(id, maxWorkers), rootOf(id));
  return async ({ id }) => {
    const lane = laneOf(id, maxWorkers);
    const tail = tails.get(lane);
    tails.set(lane, id);
    return tail === undefined || (await jobs.ledger.family(jobId, tail)).every(isClosed);
  };
}

/** A planner that died may have inserted slices that it had not noted: those are planned once more. */
const openBefore = (slices: readonly Slice[], planned: number) =>
  slices.filter((slice) => !isClosed(slice) && positionOf(slice.id) < planned);
