import type { Job } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import type { Claimed, Slice } from '../model/slice.ts';
import { underLease } from './hold-lease.ts';
import { startable } from './lanes.ts';
import { sendMessages } from './messages.ts';
import type { IndexedItem } from './objects.ts';
import { settleSlice } from './settle.ts';

/** Parts of a split slice. With five, one split isolates a bad item among 5 items, and five splits one among 3,125. */
const fanOut = 5;

/**
 * Splits a slice whose worker died: its remaining items go to smaller slices, so that an item that kills its process
 * ends up alone and the others get done.
 */
export async function splitSlice(
  jobs: JobsContext,
  job: Job,
  { slice, lease }: Claimed,
  left: readonly IndexedItem[],
): Promise<void> {
  const size = Math.ceil(left.length / fanOut);
  const parts: Slice[] = [];
  for (let start = 0; start < left.length; start += size) {
    const from = left[start]?.index ?? 0;
    const to = left[Math.min(start + size, left.length) - 1]?.index ?? from;
    parts.push({
      jobId: job.id,
      id: `${slice.id}.${parts.length}`,
      from,
      span: to - from + 1,
      status: 'queued',
      // Earlier deliveries count as attempts, but not as crashes of this part. This one only splits and is left out.
      claims: slice.claims - 1,
      hops: slice.hops,
      waits: slice.waits,
      crashes: 0,
      queuedAt: jobs.clock.now(),
      resends: 0,
      parts: [],
      succeeded: 0,
      failed: 0,
    });
  }
  underLease(lease, await jobs.ledger.split(lease, parts));
  jobs.log.warn('slice split', { ...lease, parts: parts.length, items: left.length });
  await settleSlice(jobs, slice);
  await sendMessages(
    jobs,
    job,
    startable(parts, job.maxWorkers).map(({ id }) => id),
  );
}
