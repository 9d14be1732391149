import { causesOf, InfrastructureError, type Postponed, postponedIn } from '../../engine/errors.ts';
import type { WaitKind } from '../../engine/waiting.ts';
import { type Invocation, toMb } from '../model/invocation.ts';
import type { Job } from '../model/job.ts';
import { type JobsContext, workloadOf } from '../model/jobs-context.ts';
import { longestDelay, outagePause, ownTroublePause, unrecordedPause } from '../model/retry-policy.ts';
import type { Slice } from '../model/slice.ts';
import { limitsOf } from '../model/workload-limits.ts';
import { handOn } from './hand-on.ts';
import { LeaseLost } from './hold-lease.ts';
import type { Opened } from './open.ts';
import { settleSlice } from './settle.ts';
import { releaseStopped } from './stop.ts';
import { noteTrouble, noteWait } from './trouble.ts';

/** Settles a finished slice; hands on an unfinished one, unless its job was stopped. */
export async function closeSlice(
  jobs: JobsContext,
  invocation: Invocation,
  job: Job,
  { slice, lease, recorder, tasks, openedAt, overflow }: Opened,
  stopped: boolean,
): Promise<void> {
  const { clock, log } = jobs;
  const line = {
    jobId: job.id,
    sliceId: slice.id,
    items: tasks.length,
    waitedMs: openedAt - slice.queuedAt,
    durationMs: clock.now() - openedAt,
    delivery: slice.claims,
    concurrency: limitsOf(workloadOf(jobs, job.workload), job.options).concurrency,
    memoryMb: toMb(invocation.memoryBytes()),
    overflow: overflow.counts,
  };
  let delaySeconds = 0;
  let { postponed } = overflow;
  try {
    const closed = await recorder.close();
    if (closed) {
      await settleSlice(jobs, closed);
      log.info('slice done', line);
      return;
    }
  } catch (error) {
    if (error instanceof LeaseLost) {
      log.warn('slice lost to another worker', line);
      return;
    }
    // Items without a recorded outcome run again, after longer and longer pauses while recording fails.
    delaySeconds = unrecordedPause(slice.hops);
    postponed = postponedIn(error) ?? postponed;
    log.error('slice not recorded', { ...line, error: causesOf(error) });
  }
  if (stopped) return releaseStopped(jobs, lease);
  const isStill = overflow.counts.postponed === tasks.length;
  if (postponed) delaySeconds = await waitFor(jobs, job, slice, postponed, isStill);
  await handOn(jobs, job, lease, postponed ? 'waits' : 'hops', delaySeconds);
  log.info('slice handed on', {
    ...line,
    delaySeconds,
    ...(postponed && { waitingFor: postponed.waitingFor }),
  });
}

/** What an item waits for, by the code with which it was postponed. */
const waits: Readonly<Record<string, WaitKind>> = {
  UPSTREAM_DOWN: 'upstream',
  UPSTREAM_RECOVERING: 'upstream',
  TURN_TOO_LATE: 'rate',
  SEATS_TAKEN: 'lane',
};

/** Seconds to hold back a slice that must wait. Its job says what for; `isStill`: none of its items was done here. */
async function waitFor(
  jobs: JobsContext,
  job: Job,
  slice: Slice,
  postponed: Postponed,
  isStill: boolean,
): Promise<number> {
  const { clock, log } = jobs;
  if (postponed instanceof InfrastructureError) {
    log.warn('store, queue or table unavailable', {
      jobId: job.id,
      sliceId: slice.id,
      error: causesOf(postponed),
    });
    await noteTrouble(jobs, job.id, postponed);
    return ownTroublePause(slice.waits);
  }
  const { code, waitingFor: name, until } = postponed;
  const seconds = Math.max(1, Math.min(longestDelay, Math.ceil((until - clock.now()) / 1000)));
  const kind = waits[code];
  if (kind && isStill) await noteWait(jobs, job.id, { kind, name, since: clock.now() });
  return code === 'UPSTREAM_DOWN' ? Math.max(seconds, outagePause(slice.waits)) : seconds;
}
