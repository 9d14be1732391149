import * as z from 'zod';
import type { Blobs } from '../../core/jobs/model/ports.ts';
import type { ItemRef, TakenSlice } from '../../core/jobs/workload.ts';

const batchNote = z.object({
  /** The file of its requests, from before it is started: a worker that dies in between leaves a trace. */
  file: z.string(),
  /** Missing until it is known to have been started. */
  id: z.string().optional(),
  /** Epoch milliseconds. */
  since: z.number(),
  /** The items that it writes to. */
  items: z.array(z.int()),
});

/** A batch that was sent for some items of a slice. */
export type BatchNote = z.output<typeof batchNote>;

/** Which batches a slice has waiting, in the store: every delivery of it finds them. */
export interface BatchRecord {
  notes: BatchNote[];
  save(): Promise<void>;
}

/**
 * The record of a slice, and what those that it was split from had noted for its items in the same round. Only the
 * holder of a slice writes its record.
 */
export async function openRecord(
  blobs: Blobs,
  { jobId }: ItemRef<unknown>,
  slice: TakenSlice,
): Promise<BatchRecord> {
  const keyOf = (id: string) => `jobs/${jobId}/email-batches/${id}.json`;
  const read = await Promise.all([...slice.before, slice.id].map((id) => blobs.get(keyOf(id))));
  const own = read.at(-1);
  const inherited = read.slice(0, -1).flatMap((body) => (body ? parse(body) : []));
  const notes = own ? parse(own) : inherited;
  return {
    notes,
    save: () => blobs.put(keyOf(slice.id), JSON.stringify(notes), 'application/json'),
  };
}

const parse = (body: Buffer) => z.array(batchNote).parse(JSON.parse(body.toString()));
