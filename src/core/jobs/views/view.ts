import { sleep, systemClock } from '../../engine/clock.ts';
import { fewWarnings, type Warning } from '../../formats/warning.ts';
import {
  finishTaskId,
  isHeld,
  type Job,
  type JobState,
  type Outcome,
  progressOf,
  totalOf,
} from '../model/job.ts';
import { type JobsContext, workloadOf } from '../model/jobs-context.ts';
import { type NoticeNote, noticeId } from '../model/notice.ts';
import { isClosed, type Slice } from '../model/slice.ts';
import type { JobView } from './job-view.ts';

export type { JobView } from './job-view.ts';

/**
 * @param now epoch milliseconds at which the state was read
 * @param session the session that asks: a job of another one is held
 */
export function viewOf(state: JobState, now = systemClock.now(), session?: string): JobView {
  const { job } = state;
  const { succeeded, failed, codes } = progressOf(state);
  const processed = succeeded + failed;
  const total = totalOf(state);
  const webhook = webhookView(state);
  const warnings = warningsOf(state);
  return {
    jobId: job.id,
    workload: job.workload,
    status: job.status,
    totalItems: total,
    processedItems: processed,
    successCount: succeeded,
    errorCount: failed,
    ...(job.status === 'cancelled'
      ? { pendingCount: 0, cancelledCount: total - processed }
      : { pendingCount: total - processed }),
    progress: total === 0 ? 0 : Math.round((1000 * processed) / total) / 1000,
    ...(failed > 0 && { errorCounts: codes }),
    ...paceOf(job, processed, total, now),
    ...(state.slices.length > 0 && { slices: sliceCounts(state.slices) }),
    ...(job.planning && job.status === 'running' && { planning: true as const }),
    ...(job.error && { error: job.error }),
    ...(warnings.length > 0 && { warnings }),
    ...(job.finishing && { finishing: true as const }),
    ...(job.maxWorkers !== undefined && { maxWorkers: job.maxWorkers }),
    createdAt: new Date(job.createdAt).toISOString(),
    ...(job.simulatedBy && { simulatedBy: [...job.simulatedBy] }),
    ...(isHeld(job, session) && {
      held: true as const,
      heldSince: new Date(job.owner?.seenAt ?? now).toISOString(),
    }),
    ...(isHeld(job, session) ? {} : waitOf(job)),
    ...(isHeld(job, session) ? {} : idleOf(state, now)),
    ...(job.finishedAt !== undefined && { finishedAt: new Date(job.finishedAt).toISOString() }),
    ...(webhook && { webhook }),
  };
}

/** What was noticed of the job's file, and of the files that its last round wrote. */
function warningsOf({ job, tasks }: Pick<JobState, 'job' | 'tasks'>): Warning[] {
  const last = tasks.find(({ id }) => id === finishTaskId(job));
  const { warnings = [] } = (last?.note ?? {}) as { warnings?: readonly Warning[] };
  return fewWarnings([...warnings, ...(job.warnings ?? [])]);
}

/** What the job waits for, and why. A limit holds a job up only if nothing was counted since it was noticed. */
function waitOf({
  waitingFor: wait,
  lastError: error,
  marks,
}: Job): Pick<JobView, 'waitingFor' | 'paused' | 'lastError'> {
  const movedAt = marks?.at(-1)?.at ?? 0;
  const isHeld = wait && (wait.kind === 'upstream' || movedAt <= wait.since);
  const since = new Date(wait?.since ?? 0).toISOString();
  return {
    ...(isHeld && { waitingFor: { ...wait, since } }),
    ...(wait?.kind === 'upstream' && { paused: { upstream: wait.name, since } }),
    ...(error && { lastError: { ...error, since: new Date(error.since).toISOString() } }),
  };
}

/** Milliseconds after which a job without a worker is said to wait for one. */
const idleAfterMs = 5_000;

/** A job whose slices are all in the queue waits for a worker, unless it says what else it waits for. */
function idleOf({ job, slices }: JobState, now: number): Pick<JobView, 'waitingFor'> {
  if (job.status !== 'running' || waitOf(job).waitingFor) return {};
  const open = slices.filter((slice) => !isClosed(slice));
  if (open.length === 0 || open.some(({ status }) => status !== 'queued')) return {};
  const since = open.reduce((least, { queuedAt }) => Math.min(least, queuedAt), now);
  if (now - since < idleAfterMs) return {};
  return { waitingFor: { kind: 'lane', name: 'a worker', since: new Date(since).toISOString() } };
}

/** State of the notice of the job's last end; undefined while there is none. */
function webhookView({ job, tasks }: Pick<JobState, 'job' | 'tasks'>): JobView['webhook'] {
  const task = tasks.find(({ id }) => id === noticeId(job));
  if (!task) return undefined;
  const { body: _, outcome = 'pending', ...last } = task.note as NoticeNote;
  return { status: outcome, attempts: task.claims, ...last };
}

/** Milliseconds of work that a rate needs at least; less says nothing yet. */
const leastMs = 500;

function paceOf(
  job: Job,
  processed: number,
  total: number,
  now: number,
): Pick<JobView, 'rate' | 'etaSeconds'> {
  const start = { at: job.createdAt, done: 0 };
  const running = job.status === 'running';
  if (processed > 0 && waitOf(job).waitingFor) return { rate: 0 };
  const since = running ? (job.marks?.[0] ?? start) : start;
  const ms = (running ? now : (job.finishedAt ?? now)) - since.at;
  const perSecond = (1000 * (processed - since.done)) / ms;
  if (ms < leastMs || perSecond <= 0) return {};
  const known = running && !job.planning;
  return {
    rate: Number(perSecond.toPrecision(3)),
    ...(known && { etaSeconds: Math.ceil((total - processed) / perSecond) }),
  };
}

function sliceCounts(slices: readonly Slice[]): NonNullable<JobView['slices']> {
  const running = slices.filter(({ status }) => status === 'running').length;
  return { running, done: slices.filter(isClosed).length, total: slices.length };
}

/** A tenant's own job; undefined if it does not exist or is another tenant's: callers cannot tell the two apart. */
export async function stateFor(
  jobs: JobsContext,
  tenant: string,
  jobId: string,
): Promise<JobState | undefined> {
  const state = await jobs.ledger.state(jobId);
  return state?.job.tenant === tenant ? state : undefined;
}

/** Milliseconds between a held request's reads of the ledger; the longer a read takes, the longer the pause. */
const lookAgainMs = 400;
const lookAgainAtMost = 2_000;
/** Share of a held request's time to spend on reading. */
const readingShare = 0.1;

/** Whether the job can still change by itself. */
export const isOpen = ({ job }: JobState) => job.status === 'running' || job.finishing === true;

/** Waits until the job has progressed or ended, or until `until` (epoch milliseconds). */
export async function waitForChange(jobs: JobsContext, before: JobState, until: number): Promise<JobState> {
  const { status, processedItems } = viewOf(before);
  const held = isHeld(before.job, jobs.settings.session);
  let state = before;
  let pause = lookAgainMs;
  while (
    isOpen(state) &&
    state.job.status === status &&
    isHeld(state.job, jobs.settings.session) === held &&
    viewOf(state).processedItems === processedItems
  ) {
    if (jobs.clock.now() + pause > until) break;
    await sleep(jobs.clock, pause);
    const startedAt = jobs.clock.now();
    state = (await jobs.ledger.state(before.job.id)) ?? state;
    const read = jobs.clock.now() - startedAt;
    pause = Math.min(lookAgainAtMost, Math.max(lookAgainMs, read / readingShare));
  }
  return state;
}

/** An outcome as the tenant sees it. */
export async function present(jobs: JobsContext, workloadName: string, outcome: Outcome): Promise<object> {
  return (await workloadOf(jobs, workloadName).view?.show(outcome)) ?? outcome;
}
