import { causesOf, InfrastructureError } from '../engine/errors.ts';
import type { Invocation } from './model/invocation.ts';
import { finishTaskId, isHeld, type Job } from './model/job.ts';
import { forJob } from './model/job-log.ts';
import { type JobsContext, workloadOf } from './model/jobs-context.ts';
import { isNotice } from './model/notice.ts';
import { lookUpPause } from './model/retry-policy.ts';
import { type Claimed, isSlice, type SliceRef } from './model/slice.ts';
import { runTask } from './run-task.ts';
import { loadExpectation } from './slices/expectation.ts';
import { orHandOn } from './slices/hand-on.ts';
import { settleSlice } from './slices/settle.ts';
import { isStopped, releaseStopped } from './slices/stop.ts';
import { workOn } from './slices/work.ts';
import type { Workload } from './workload.ts';

/**
 * Continues the slice or task that a message points to. Returns when the message may be acknowledged: the work is
 * recorded, handed on with a new message, or held by another worker. Throws if the message must come again.
 */
export async function continueSlice(jobs: JobsContext, invocation: Invocation, ref: SliceRef): Promise<void> {
  try {
    await goOn(forJob(jobs, ref.jobId), invocation, ref);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    // As a new message: deliveries that failed because of the table must not end in the dead-letter queue.
    jobs.log.error('message put back', { ...ref, error: causesOf(error) });
    // The tenant is unknown here. The job's own message group takes nothing from any tenant's share.
    await jobs.queue.send([ref], ref.jobId, lookUpPause);
  }
}

async function goOn(jobs: JobsContext, invocation: Invocation, ref: SliceRef): Promise<void> {
  const { ledger, clock, log } = jobs;
  const job = await ledger.job(ref.jobId);
  if (!job) {
    log.warn('message for a job that does not exist', { ...ref });
    return;
  }
  const windingUp = job.finishing === true && ref.sliceId === finishTaskId(job);
  if (job.status !== 'running' && !windingUp && !isNotice(ref)) {
    log.info('message for a job that has ended', { ...ref });
    return;
  }
  if (isHeld(job, jobs.settings.session) && !isNotice(ref)) {
    // A resumed job sends its messages anew.
    log.info('message for a job that is held', { ...ref });
    return;
  }
  // Before the claim: a worker must not hold a slice that it cannot run.
  const workload = workloadOf(jobs, job.workload);
  const now = clock.now();
  const claim = await ledger.claim(ref, { now, leaseUntil: now + jobs.settings.leaseMs });
  switch (claim.kind) {
    case 'task':
      await runTask(jobs, invocation, job, claim);
      return;
    case 'slice': {
      const held = { lease: claim.lease, waits: claim.slice.waits };
      await orHandOn(jobs, job, held, () => runSlice(jobs, invocation, job, workload, claim));
      return;
    }
    case 'closed':
      if (isSlice(claim.work)) await settleSlice(jobs, claim.work);
      return;
    case 'busy':
      // Its holder is responsible for it, and the sweeper replaces a dead holder. Keeping this message would only use
      // up its receives.
      log.info('slice held by another worker', { ...ref });
      return;
    case 'missing':
      log.warn('message for a slice that does not exist', { ...ref });
      return;
  }
}

async function runSlice(
  jobs: JobsContext,
  invocation: Invocation,
  job: Job,
  workload: Workload,
  claimed: Claimed,
): Promise<void> {
  const [expectation, stopped] = await Promise.all([
    loadExpectation(jobs, workload, invocation.ranOn),
    isStopped(jobs, job),
  ]);
  if (stopped) return releaseStopped(jobs, claimed.lease);
  await workOn(jobs, invocation, job, [claimed], expectation);
}
