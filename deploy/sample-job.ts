import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../src/core/jobs/model/job.ts';
import type { JobsContext } from '../src/core/jobs/model/jobs-context.ts';
import { type Slice, sliceId } from '../src/core/jobs/model/slice.ts';
import { writeItems } from '../src/core/jobs/slices/objects.ts';
import { createProductsOptions, productGroup } from '../src/workloads/create-products/schema.ts';
import { root } from './functions.ts';

/** Sizes of its slices: the first for `continue-job.sqs.json`, the second for `dead-letter.sqs.json`. */
const spans = [3, 2];

/** Records the sample job, unless it exists, as if just submitted and not yet taken by a worker. */
export async function seedSampleJob({ ledger, blobs, clock }: JobsContext, jobId: string): Promise<void> {
  if (await ledger.job(jobId)) return;
  const { productGroups, options } = sampleRequest();
  const now = clock.now();
  const job: Job = {
    id: jobId,
    tenant: 'local',
    workload: 'create-products',
    options,
    status: 'running',
    totalItems: spans.reduce((sum, span) => sum + span, 0),
    succeeded: 0,
    failed: 0,
    createdAt: now,
  };
  let from = 0;
  const slices = spans.map((span, position): Slice => {
    const slice = { ...untouched, jobId: job.id, id: sliceId(position), from, span, queuedAt: now };
    from += span;
    return slice;
  });
  for (const slice of slices) {
    const items = productGroups.slice(slice.from, slice.from + slice.span);
    await writeItems(
      blobs,
      slice,
      items.map((item, offset) => ({ index: slice.from + offset, item })),
    );
  }
  await ledger.create(job, slices);
}

const untouched = {
  status: 'queued',
  claims: 0,
  hops: 0,
  crashes: 0,
  waits: 0,
  resends: 0,
  parts: [] as string[],
  succeeded: 0,
  failed: 0,
} as const;

function sampleRequest() {
  const { productGroups, options } = JSON.parse(
    readFileSync(join(root, 'events', 'create-products.json'), 'utf8'),
  );
  return {
    productGroups: productGroup.array().parse(productGroups),
    options: createProductsOptions.parse(options),
  };
}
