import pLimit from 'p-limit';
import { SpillwayError } from '../engine/errors.ts';
import type { JobState } from './model/job.ts';
import { jobErrors } from './model/job-errors.ts';
import type { JobsContext } from './model/jobs-context.ts';
import { familiesOf, isClosed, newSlice, roundOf, type Slice } from './model/slice.ts';
import { ensureNotice } from './notices/notify.ts';
import { startable } from './slices/lanes.ts';
import { sendMessages } from './slices/messages.ts';
import { endIfDone } from './slices/settle.ts';

/** Concurrent writes of records. */
const writesAtOnce = 25;

/**
 * Retries the failed and cancelled items of a job, in the same job; items that succeeded keep their outcome. Open
 * slices without failures continue as they are. Each family with failures gets a successor for the new round, over the
 * same items, which runs all that have not succeeded. A file that was not read to its end is read on.
 * Throws `JOB_NOT_ENDED` and `NOTHING_FAILED`.
 */
export async function retry(jobs: JobsContext, state: JobState): Promise<void> {
  const { ledger, clock, log } = jobs;
  const { job } = state;
  if (job.status === 'running') throw new SpillwayError(jobErrors.JOB_NOT_ENDED, 'The job is still running');
  if (job.finishing)
    throw new SpillwayError(
      jobErrors.JOB_NOT_ENDED,
      'The job was stopped, and its files are still being written',
    );
  const round = (job.rounds ?? 0) + 1;
  const families = familiesOf(state.slices);
  const failing = families.filter(hasFailures);
  const again = failing.flatMap(([root]) => (root ? [successor(root, round, clock.now())] : []));
  const goingOn = families
    .filter((family) => !hasFailures(family))
    .flat()
    .filter((slice) => !isClosed(slice));
  const tasks = job.planning ? state.tasks.filter(({ task }) => task === 'split-source') : [];
  const open = [...goingOn, ...again].sort((a, b) => (a.id < b.id ? -1 : 1));
  const nothing = open.length + tasks.length === 0;
  // All items of a cancelled job may be done: then only its end is missing.
  if (nothing && job.status !== 'cancelled')
    throw new SpillwayError(jobErrors.NOTHING_FAILED, 'No item of the job failed');

  // Once the job runs again, nothing shows any more that the notice of this end is missing.
  await ensureNotice(jobs, state);
  await closeReplaced(jobs, state, failing.flat());
  await ledger.add(again);
  if (!(await ledger.reopen(job.id, round, clock.now(), jobs.settings.session)))
    throw new SpillwayError(jobErrors.JOB_NOT_ENDED, 'The job is running again');
  if (nothing) {
    const reopened = await ledger.job(job.id);
    if (reopened) await endIfDone(jobs, reopened);
  }
  // From here on, the sweeper finds unsent messages.
  await sendMessages(
    jobs,
    job,
    [...tasks, ...startable(open, job.maxWorkers)].map(({ id }) => id),
  );
  log.info('job retried', { jobId: job.id, round, slices: open.length });
}

/**
 * Closes the slices that a successor replaces, and counts all closed slices: the new round resets the job's failures to
 * 0, and no failure of an earlier round may be added afterwards.
 */
async function closeReplaced(
  { ledger }: JobsContext,
  { slices, settled }: JobState,
  replaced: Slice[],
): Promise<void> {
  const limit = pLimit(writesAtOnce);
  const open = replaced.filter((slice) => !isClosed(slice));
  await Promise.all(open.map(({ jobId, id }) => limit(() => ledger.drop({ jobId, sliceId: id }))));
  const closed = [...slices.filter(isClosed), ...open];
  const uncounted = closed.filter(({ id }) => !settled.has(id));
  await Promise.all(uncounted.map((slice) => limit(() => ledger.settle(slice))));
}

/** Whether a family's last round left failures. */
function hasFailures(family: readonly Slice[]): boolean {
  const last = Math.max(...family.map(({ id }) => roundOf(id)));
  return family.some(({ id, failed }) => roundOf(id) === last && failed > 0);
}

const successor = ({ jobId, id, from, span }: Slice, round: number, now: number): Slice =>
  newSlice({ jobId, id: `${id}.r${round}`, from, span }, now);
