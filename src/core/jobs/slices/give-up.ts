import type { Failure } from '../../engine/errors.ts';
import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { ancestors, type Claimed, rootOf, roundOf, type Slice } from '../model/slice.ts';
import { readParts } from './objects.ts';
import { createRecorder } from './recorder.ts';
import { settleSlice } from './settle.ts';

/** Indices of the slice's items that are already settled. */
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

/** The slices that this one was split from. */
async function originsOf(jobs: JobsContext, { id, jobId }: Slice): Promise<Slice[]> {
  const origins = await Promise.all(ancestors(id).map((sliceId) => jobs.ledger.slice({ jobId, sliceId })));
  return origins.filter((origin) => origin !== undefined);
}

/** For a retry: an item may have its outcome in any slice of the family. */
async function familyOf(jobs: JobsContext, { id, jobId }: Slice): Promise<Slice[]> {
  const { slices } = (await jobs.ledger.state(jobId)) ?? { slices: [] };
  return slices.filter((other) => other.id !== id && rootOf(other.id) === rootOf(id));
}

/** Ends a slice: items without an outcome fail with `failure`. Works even if the stored items are gone. */
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
  // May be undefined: an old message may outlive its workload.
  const workload = jobs.workloads.get(job.workload);
  for (const index of left)
    await workload?.undo?.({ jobId: job.id, tenant: job.tenant, index, options: job.options });
  // Created after everything that may throw: a recorder keeps the lease alive until it is closed.
  const recorder = createRecorder(jobs, slice, lease, left.length, Number.POSITIVE_INFINITY, undefined);
  for (const index of left) {
    recorder.add({ index, status: 'failed', error: failure, attempts: slice.claims, durationMs: 0, ranOn });
  }
  const closed = await recorder.close();
  jobs.log.error('slice given up', { ...lease, items: left.length, failure });
  jobs.metrics.count('ItemsFailed', left.length);
  if (closed) await settleSlice(jobs, closed);
}
