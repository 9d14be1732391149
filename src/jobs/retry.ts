import { SpillwayError } from '../engine/errors.ts';
import { familiesOf, type JobState, newSlice, roundOf, type Slice } from './job.ts';
import { ensureNotice } from './notify.ts';
import type { Room } from './room.ts';

/**
 * Runs again what failed, and only that, in the same job: each slice with failures gets a successor for the new round,
 * whose outcomes take the place of the failed ones. Throws `JOB_NOT_ENDED` and `NOTHING_FAILED`.
 */
export async function retry(room: Room, state: JobState): Promise<void> {
  const { ledger, queue, clock, log } = room;
  const { job, slices } = state;
  if (job.status === 'running') throw new SpillwayError('JOB_NOT_ENDED', 'The job is still running');
  if (job.status === 'cancelled')
    throw new SpillwayError('JOB_CANCELLED', 'The job was cancelled: submit it anew');
  const round = (job.rounds ?? 0) + 1;
  // A request that died half way may have left slices of a round that never began.
  const begun = slices.filter(({ id }) => roundOf(id) < round);
  const families = familiesOf(begun);
  const again = families
    .filter(hasFailures)
    .flatMap(([root]) => (root ? [successor(root, round, clock.now())] : []));
  if (again.length === 0) throw new SpillwayError('NOTHING_FAILED', 'No item of the job has failed');
  // Once the job runs again, nobody would find out any more that this end was never told.
  await ensureNotice(room, state);
  await ledger.addSlices(again);
  if (!(await ledger.reopen(job.id, round)))
    throw new SpillwayError('JOB_NOT_ENDED', 'The job is running again');
  // From here on the sweeper finds whatever is not sent.
  await queue
    .send(
      again.map(({ jobId, id }) => ({ jobId, sliceId: id })),
      job.tenant,
    )
    .catch((error) => log.error('slices not queued', { jobId: job.id, error: String(error) }));
  log.info('job runs again', { jobId: job.id, round, slices: again.length, items: job.failed });
}

/** Whether the last round that a family has seen left failures. */
function hasFailures(family: readonly Slice[]): boolean {
  const last = Math.max(...family.map(({ id }) => roundOf(id)));
  return family.some(({ id, failed }) => roundOf(id) === last && failed > 0);
}

const successor = ({ jobId, id, from, span }: Slice, round: number, now: number): Slice =>
  newSlice({ jobId, id: `${id}.r${round}`, from, span }, now);
