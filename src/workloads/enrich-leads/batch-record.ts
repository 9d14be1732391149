import * as z from 'zod';
import type { Blobs } from '../../core/jobs/model/ports.ts';
import type { ItemRef, TakenSlice } from '../../core/jobs/workload.ts';

const batchNote = z.object({
  /**
   * The file with its requests, noted before the batch starts, so that a worker that dies in between leaves a
   * trace.
   */
  file: z.string(),
  /** Missing until the batch is known to have started. */
  id: z.string().optional(),
  /** Epoch milliseconds. */
  since: z.number(),
  /** The items whose e-mails it writes. */
  items: z.array(z.int()),
});

/** A batch sent for some items of a slice. */
export type BatchNote = z.output<typeof batchNote>;

/** The batches that a slice waits for, kept in the store so that every delivery finds them. */
export interface BatchRecord {
  notes: BatchNote[];
  save(): Promise<void>;
}

/**
 * The record of a slice. It includes the notes for its items, in the same round, of the slices that it was split
 * from. Only the holder of a slice writes its record.
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
