import type { Failure } from '../../engine/errors.ts';
import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { ancestors, type Claimed, rootOf, roundOf, type Slice } from '../model/slice.ts';
import { readParts } from './objects.ts';
import { createRecorder } from './recorder.ts';
import { settleSlice } from './settle.ts';

/** Indices of the slice's items that nothing is left to do for. */
export async function settledOf(jobs: JobsContext, slice: Slice): Promise<Set<number>> {
  const round = roundOf(slice.id);
  const relatives = round === 0 ? await originsOf(jobs, slice) : await familyOf(jobs, slice);
  const known = await readParts(jobs.blobs, [...relatives, slice]);
  return new Set(
    known.flatMap((part) =>
      part.outcomes
        .filter(({ status }) => part.round === round || status === 'succeeded')
        .map(({ index }) => index),
    ),
  );
}

/** What the slice was split off from. */
async function originsOf(jobs: JobsContext, { id, jobId }: Slice): Promise<Slice[]> {
  const origins = await Promise.all(ancestors(id).map((sliceId) => jobs.ledger.slice({ jobId, sliceId })));
  return origins.filter((origin) => origin !== undefined);
}

/** Where something is run again, it matters what became of it anywhere. */
async function familyOf(jobs: JobsContext, { id, jobId }: Slice): Promise<Slice[]> {
  const { slices } = (await jobs.ledger.state(jobId)) ?? { slices: [] };
  return slices.filter((other) => other.id !== id && rootOf(other.id) === rootOf(id));
}

/** Ends a slice: whatever has no outcome yet fails with `failure`. Needs no items, so it works when they are gone. */
export async function failRest(
  jobs: JobsContext,
  job: Job,
  { slice, lease }: Claimed,
  ranOn: string,
  failure: Failure,
): Promise<void> {
  const settled = await settledOf(jobs, slice);
  const left = Array.from({ length: slice.span }, (_, offset) => slice.from + offset).filter(
    (index) => !settled.has(index),
  );
  // Not necessarily there any more: an old message may outlive its workload.
  const workload = jobs.workloads.get(job.workload);
  for (const index of left)
    await workload?.undo?.({ jobId: job.id, tenant: job.tenant, index, options: job.options });
  // After what may throw: until it is closed a recorder keeps the lease alive.
  const recorder = createRecorder(jobs, slice, lease, left.length, Number.POSITIVE_INFINITY);
  for (const index of left) {
    recorder.add({ index, status: 'failed', error: failure, attempts: slice.claims, durationMs: 0, ranOn });
  }
  const closed = await recorder.close();
  jobs.log.error('slice given up', { ...lease, items: left.length, failure });
  jobs.metrics.count('ItemsFailed', left.length);
  if (closed) await settleSlice(jobs, closed);
}
