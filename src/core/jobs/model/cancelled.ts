import type { Outcome } from './job.ts';
import type { Slice } from './slice.ts';

/** An item that had no outcome when its job was stopped. */
export interface Cancelled {
  index: number;
  status: 'cancelled';
}

/** The outcomes of a slice's items; items without one are filled in as cancelled. */
export function withCancelled(
  known: readonly Outcome[],
  { from, span }: Pick<Slice, 'from' | 'span'>,
): (Outcome | Cancelled)[] {
  if (known.length === span) return [...known];
  const byIndex = new Map(known.map((outcome) => [outcome.index, outcome]));
  return Array.from({ length: span }, (_, offset) => {
    const index = from + offset;
    return byIndex.get(index) ?? { index, status: 'cancelled' };
  });
}
