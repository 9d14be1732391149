import { loadExpectation } from './expectation.ts';
import { finishTaskId, settleSlice } from './finish.ts';
import type { Invocation } from './invocation.ts';
import type { SliceRef } from './job.ts';
import { isNotice } from './notice.ts';
import { notify } from './notify.ts';
import { planOn } from './plan.ts';
import { putTogether } from './put-together.ts';
import { type Room, workloadOf } from './room.ts';
import { letGo } from './stop.ts';
import { workOn } from './work.ts';

/**
 * Goes on with a slice that a message points to. Returns when the message may be acknowledged: the work is recorded,
 * or handed on with a message of its own, or somebody else's. Throws when the message must come again.
 */
export async function continueSlice(room: Room, invocation: Invocation, ref: SliceRef): Promise<void> {
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
  const workload = workloadOf(room, job.workload);
  const now = clock.now();
  const claim = await ledger.claim(ref, { now, leaseUntil: now + room.settings.leaseMs });
  switch (claim.kind) {
    case 'claimed': {
      if (claim.slice.task === 'finish') return putTogether(room, invocation, job, claim);
      if (claim.slice.task === 'notify') return notify(room, job, claim);
      const [expectation, stopped] = await Promise.all([
        loadExpectation(room, workload, invocation.ranOn),
        ledger.isStopped(job.id, job.rounds ?? 0),
      ]);
      if (stopped) return letGo(room, claim.lease);
      if (claim.slice.task === 'plan') return planOn(room, invocation, job, claim);
      await workOn(room, invocation, job, [claim], expectation);
      return;
    }
    case 'closed':
      await settleSlice(room, claim.slice);
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
