import { causesOf, InfrastructureError } from '../engine/errors.ts';
import { loadExpectation } from './expectation.ts';
import { finishTaskId, settleSlice } from './finish.ts';
import { orHandOn } from './hand-on.ts';
import type { Invocation } from './invocation.ts';
import type { Job } from './job.ts';
import { forJob } from './job-log.ts';
import { isNotice } from './notice.ts';
import { lookUpPause } from './retry-policy.ts';
import { type Room, workloadOf } from './room.ts';
import { runTask } from './run-task.ts';
import { type Claimed, isSlice, type SliceRef } from './slice.ts';
import { isStopped, letGo } from './stop.ts';
import { workOn } from './work.ts';
import type { Workload } from './workload.ts';

/**
 * Goes on with a slice that a message points to. Returns when the message may be acknowledged: the work is recorded,
 * or handed on with a message of its own, or somebody else's. Throws when the message must come again.
 */
export async function continueSlice(room: Room, invocation: Invocation, ref: SliceRef): Promise<void> {
  try {
    await goOn(forJob(room, ref.jobId), invocation, ref);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    // As a new message: deliveries that the table has spoilt must not end in the dead-letter queue.
    room.log.error('message put back', { ...ref, error: causesOf(error) });
    // The tenant is not known. A group of its own takes nothing from any other.
    await room.queue.send([ref], ref.jobId, lookUpPause);
  }
}

async function goOn(room: Room, invocation: Invocation, ref: SliceRef): Promise<void> {
  const { ledger, clock, log } = room;
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
  // Before the claim: what nobody here can run must not be held.
  const workload = workloadOf(room, job.workload);
  const now = clock.now();
  const claim = await ledger.claim(ref, { now, leaseUntil: now + room.settings.leaseMs });
  switch (claim.kind) {
    case 'task':
      await runTask(room, invocation, job, claim);
      return;
    case 'slice': {
      const held = { lease: claim.lease, waits: claim.slice.waits };
      await orHandOn(room, job, held, () => runSlice(room, invocation, job, workload, claim));
      return;
    }
    case 'closed':
      if (isSlice(claim.work)) await settleSlice(room, claim.work);
      return;
    case 'busy':
      // Its holder answers for it, and the sweeper for its holder. Keeping this message would only use up its receives.
      log.info('slice is in other hands', { ...ref });
      return;
    case 'missing':
      log.warn('message for a slice that does not exist', { ...ref });
      return;
  }
}

async function runSlice(
  room: Room,
  invocation: Invocation,
  job: Job,
  workload: Workload,
  claimed: Claimed,
): Promise<void> {
  const [expectation, stopped] = await Promise.all([
    loadExpectation(room, workload, invocation.ranOn),
    isStopped(room, job),
  ]);
  if (stopped) return letGo(room, claimed.lease);
  await workOn(room, invocation, job, [claimed], expectation);
}
