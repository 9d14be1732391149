import { causesOf, InfrastructureError, type Postponed, postponedIn } from '../../engine/errors.ts';
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
import { noteTrouble } from './trouble.ts';

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
  if (postponed) delaySeconds = await waitFor(jobs, job, slice, postponed);
  await handOn(jobs, job, lease, postponed ? 'waits' : 'hops', delaySeconds);
  log.info('slice handed on', {
    ...line,
    delaySeconds,
    ...(postponed && { waitingFor: postponed.waitingFor }),
  });
}

/** Seconds to hold back a slice that must wait. An upstream that is down for long also pauses the job. */
async function waitFor(jobs: JobsContext, job: Job, slice: Slice, postponed: Postponed): Promise<number> {
  const { ledger, clock, log } = jobs;
  if (postponed instanceof InfrastructureError) {
    log.warn('store, queue or table unavailable', {
      jobId: job.id,
      sliceId: slice.id,
      error: causesOf(postponed),
    });
    await noteTrouble(jobs, job.id, postponed);
    return ownTroublePause(slice.waits);
  }
  const { code, waitingFor: upstream, until } = postponed;
  const seconds = Math.max(1, Math.min(longestDelay, Math.ceil((until - clock.now()) / 1000)));
  if (code !== 'UPSTREAM_DOWN') return seconds;
  if (!job.paused) {
    log.warn('job paused', { jobId: job.id, upstream });
    await ledger.pause(job.id, { upstream, since: clock.now() }).catch((error) => {
      log.warn('pause not recorded', { jobId: job.id, error: causesOf(error) });
    });
  }
  return Math.max(seconds, outagePause(slice.waits));
}
