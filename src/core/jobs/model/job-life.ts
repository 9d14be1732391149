import type { Wait } from '../../engine/waiting.ts';
import type { Warning } from '../../formats/warning.ts';
import type { Job, JobOutput, JobSource, JobStatus, Mark, Trouble } from './job.ts';
import type { Slice } from './slice.ts';
import type { Change } from './slice-life.ts';

/**
 * The life of a job:
 *
 *     running ──finish──▶ completed | partial | failed | cancelled ──reopen──▶ running, a round later
 *
 * A stopped job is `finishing` until its workers have released their slices and its files are written (`windUp`). Each
 * transition takes a record and an event, and returns the new record or says why not. Nothing is changed in place.
 */

const notDue = { refused: 'not-due' as const };

/** A job as the ledger keeps it, with the ids of the slices that its counts include. */
export interface JobRecord {
  job: Job;
  settled: ReadonlySet<string>;
}

/** Adds a closed slice's counts, once. */
export function settle({ job, settled }: JobRecord, slice: Slice): Change<JobRecord> {
  if (settled.has(slice.id)) return notDue;
  const codes: Record<string, number> = { ...job.codes };
  for (const [code, count] of Object.entries(slice.codes ?? {})) codes[code] = (codes[code] ?? 0) + count;
  const counted = {
    ...job,
    succeeded: job.succeeded + slice.succeeded,
    failed: job.failed + slice.failed,
    ...(Object.keys(codes).length > 0 && { codes }),
  };
  return { to: { job: counted, settled: new Set([...settled, slice.id]) } };
}

/** How a job ended. `finishing`: its files are still to be written. */
export interface FinishEvent extends Pick<Job, 'files' | 'error' | 'finishing'> {
  status: Exclude<JobStatus, 'running'>;
  /** Epoch milliseconds. */
  finishedAt: number;
}

/** Ends the job. */
export function finish(job: Job, { status, finishedAt, files, error, finishing }: FinishEvent): Change<Job> {
  if (job.status !== 'running') return notDue;
  const { waitingFor: _, lastError: __, ...rest } = job;
  const more = { ...(files && { files }), ...(error && { error }), ...(finishing && { finishing }) };
  return { to: { ...rest, status, finishedAt, ...more } };
}

/** What a stopped job leaves behind. */
export type WindUpEvent = Pick<Job, 'files' | 'leftOpen'>;

/** A stopped job is wound up: it has nothing left to do. */
export function windUp(job: Job, { files, leftOpen }: WindUpEvent): Change<Job> {
  if (!job.finishing) return notDue;
  const { finishing: _, ...rest } = job;
  return { to: { ...rest, ...(files && { files }), ...(leftOpen && { leftOpen }) } };
}

/** An ended job runs again in a new round, for `session` or for all: failed items count as not done. */
export function reopen(
  job: Job,
  event: { round: number; now: number; by: string; session?: string | undefined },
): Change<Job> {
  const { round, now, by, session } = event;
  if (job.status === 'running') return job.reopenedBy === by ? { to: job } : notDue;
  if (job.finishing || (job.rounds !== undefined && job.rounds >= round) || job.status === 'completed')
    return notDue;
  const { finishedAt: _, error: __, codes: ___, owner: ____, leftOpen: _____, ...rest } = job;
  const marks = [{ at: now, done: job.succeeded }];
  const again = { failed: 0, rounds: round, resumedAt: now, reopenedBy: by, marks };
  return { to: { ...rest, ...ownedBy(session, now), status: 'running', ...again } };
}

/** Nothing if a service that belongs to no command runs the job. */
export const ownedBy = (session: string | undefined, now: number): Pick<Job, 'owner'> =>
  session === undefined ? {} : { owner: { session, seenAt: now } };

/** The session that runs the job gives a sign of life. */
export function attend(job: Job, event: { session: string; now: number }): Change<Job> {
  const { session, now } = event;
  const isOwn = job.status === 'running' && job.owner?.session === session;
  return isOwn ? { to: { ...job, owner: { session, seenAt: now } } } : notDue;
}

/** A running job waits for its user from now on. */
export function hold(job: Job, event: { now: number }): Change<Job> {
  return job.status === 'running' ? { to: { ...job, owner: { session: '', seenAt: event.now } } } : notDue;
}

/** What may change in a job without changing its results. What is missing stays as it is. */
export type Adjustment = Pick<Job, 'maxWorkers' | 'output' | 'sliceSize' | 'source'> & { options?: unknown };

/** A running job goes on, for `session` or for all. */
export function resume(
  job: Job,
  event: { now: number; session?: string | undefined; adjustment: Adjustment },
): Change<Job> {
  if (job.status !== 'running') return notDue;
  const { now, session, adjustment } = event;
  const { owner: _, ...rest } = job;
  return { to: { ...rest, ...ownedBy(session, now), ...adjustment, resumedAt: now } };
}

/** More rows of a job's file are wanted than were: it runs on, or again, with the rest of the file. */
export function extend(
  job: Job,
  event: { source: JobSource; now: number; session?: string | undefined },
): Change<Job> {
  const { source, now, session } = event;
  const isCut = job.source && !job.planning && !job.finishing && job.status !== 'cancelled';
  if (!isCut) return notDue;
  const { finishedAt: _, error: __, owner: ___, ...rest } = job;
  const more = { source, planning: true, resumedAt: now, rewrites: (job.rewrites ?? 0) + 1 };
  return { to: { ...rest, ...ownedBy(session, now), status: 'running', ...more } };
}

/** The files of an ended job are written again, in another format. Until then it is `finishing`. */
export function rewrite(job: Job, event: { output: JobOutput }): Change<Job> {
  if (job.status === 'running' || job.finishing || !job.output) return notDue;
  return { to: { ...job, output: event.output, finishing: true, rewrites: (job.rewrites ?? 0) + 1 } };
}

/** More of the job's file has been cut into slices. */
export function plan(
  job: Job,
  event: { totalItems: number; done: boolean; warnings?: readonly Warning[] },
): Change<Job> {
  const { totalItems, done, warnings = job.warnings } = event;
  if (!job.planning || job.totalItems > totalItems) return notDue;
  const { planning: _, ...rest } = job;
  const more = { totalItems, ...(warnings && { warnings }) };
  return { to: done ? { ...rest, ...more } : { ...job, ...more } };
}

/** Records samples of progress; never older ones than the job has. */
export function mark(job: Job, marks: readonly Mark[]): Change<Job> {
  const at = (some: readonly Mark[] | undefined) => some?.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  return job.status === 'running' && at(job.marks) < at(marks) ? { to: { ...job, marks } } : notDue;
}

/**
 * The job waits; or, with undefined, no longer. The first report stands, but an upstream that is down takes the place of
 * anything else.
 */
export function waitFor(job: Job, wait: Wait | undefined): Change<Job> {
  if (job.status !== 'running') return notDue;
  const { waitingFor: before, ...rest } = job;
  if (!wait) return { to: rest };
  const stands = before && (before.kind === 'upstream' || wait.kind !== 'upstream');
  return stands ? notDue : { to: { ...job, waitingFor: wait } };
}

/** Trouble holds the job up; or, with undefined, no longer. The same trouble adds up, another takes its place. */
export function noteTrouble(job: Job, trouble: Trouble | undefined): Change<Job> {
  if (job.status !== 'running') return notDue;
  const { lastError: before, ...rest } = job;
  if (!trouble) return { to: rest };
  const same = before?.code === trouble.code;
  const { since, count } = trouble;
  const sum = same ? { since: before.since, count: before.count + count } : { since, count };
  return { to: { ...job, lastError: { ...trouble, ...sum } } };
}
