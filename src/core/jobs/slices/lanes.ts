import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { isClosed, rootOf, type Slice, sliceId } from '../model/slice.ts';
import { sendMessages } from './messages.ts';

/**
 * A job that may run N slices at a time has N lanes. Every N-th slice is in the same lane, with all that comes out of
 * it, and each lane runs one slice at a time. The worker that closes a slice sends the next one of its lane.
 */
function laneOf(id: string, lanes: number): number {
  return positionOf(id) % lanes;
}

const positionOf = (id: string) => Number(rootOf(id));

/** The slices that may run: all open ones, or the first of each lane. `slices` are in the order of their ids. */
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

/** Sends the next slice in the lane of a closed one. If its message is lost, the sweeper sends another. */
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
 * Decides which of the new slices of `split-source` may start at once. The task asks after it has added a slice, and a
 * worker looks for the next slice after it has closed one. So at least one of the two sees the other.
 */
export async function laneGate(
  jobs: JobsContext,
  job: Job,
  planned: number,
): Promise<(slice: Slice) => Promise<boolean>> {
  const { id: jobId, maxWorkers } = job;
  if (maxWorkers === undefined) return async () => true;
  const { slices = [] } = (await jobs.ledger.state(jobId)) ?? {};
  /** Each lane's last slice, unless it was closed when read. */
  const tails = new Map<number, string>();
  for (const { id } of openBefore(slices, planned)) tails.set(laneOf(id, maxWorkers), rootOf(id));
  return async ({ id }) => {
    const lane = laneOf(id, maxWorkers);
    const tail = tails.get(lane);
    tails.set(lane, id);
    return tail === undefined || (await jobs.ledger.family(jobId, tail)).every(isClosed);
  };
}

/** Ignores slices that a dead worker added but did not note: the task cuts them again. */
const openBefore = (slices: readonly Slice[], planned: number) =>
  slices.filter((slice) => !isClosed(slice) && positionOf(slice.id) < planned);
