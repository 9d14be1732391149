import type { Failure } from '../engine/errors.ts';
import { settleSlice } from './finish.ts';
import { ancestors, type Claimed, type Job, type Lease, type Outcome, type Slice } from './job.ts';
import { readOutcomes } from './objects.ts';
import { createRecorder } from './recorder.ts';
import type { Room } from './room.ts';

/** Every outcome that the slice's items have: its own, and those from before it was split off. */
export async function outcomesOf(room: Room, slice: Slice): Promise<Outcome[]> {
  const origins = await Promise.all(
    ancestors(slice.id).map((sliceId) => room.ledger.slice({ jobId: slice.jobId, sliceId })),
  );
  return readOutcomes(room.blobs, [...origins.filter((origin) => origin !== undefined), slice]);
}

/** Ends a slice: whatever has no outcome yet fails with `failure`. Needs no items, so it works when they are gone. */
export async function failRest(
  room: Room,
  job: Job,
  { slice, lease }: Claimed,
  ranOn: string,
  failure: Failure,
): Promise<void> {
  const settled = new Set((await outcomesOf(room, slice)).map(({ index }) => index));
  const left = Array.from({ length: slice.span }, (_, offset) => slice.from + offset).filter(
    (index) => !settled.has(index),
  );
  // Not necessarily there any more: an old message may outlive its workload.
  const workload = room.workloads.get(job.workload);
  const recorder = createRecorder(room, slice, lease, left.length, Number.POSITIVE_INFINITY);
  for (const index of left) {
    await workload?.undo?.({ jobId: job.id, tenant: job.tenant, index, options: job.options });
    recorder.add({ index, status: 'failed', error: failure, attempts: slice.claims, durationMs: 0, ranOn });
  }
  await recorder.close();
  room.log.error('slice given up', { ...lease, items: left.length, failure });
  room.metrics.count('ItemsFailed', left.length);
  await settleSlice(room, await fresh(room, lease));
}

/** The slice as the ledger has it now. */
export async function fresh(room: Room, lease: Lease): Promise<Slice> {
  const slice = await room.ledger.slice(lease);
  if (!slice) throw new Error(`Slice ${lease.sliceId} of ${lease.jobId} has vanished from the ledger`);
  return slice;
}
