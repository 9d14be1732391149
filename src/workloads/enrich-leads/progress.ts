import type { ItemContext, TakenSlice } from '../../core/jobs/workload.ts';

/** Rows between two progress lines. */
const every = 5;

interface Counts {
  done: number;
  failed: number;
}

/** Log lines, all beginning with `enrich-leads: `: one for each slice that begins, and one every five rows. */
export interface Progress {
  /** A row begins. */
  begin(context: ItemContext<{ parallel: number }>): void;
  end(context: ItemContext<{ parallel: number }>, failed: boolean): void;
}

export function createProgress(): Progress {
  const slices = new WeakMap<TakenSlice, Counts>();
  return {
    begin({ slice, jobId, log, options }) {
      if (slices.has(slice)) return;
      slices.set(slice, { done: 0, failed: 0 });
      const { parallel } = options;
      log.info('enrich-leads: slice started', { jobId, sliceId: slice.id, rows: slice.items, parallel });
    },
    end({ slice, jobId, log }, failed) {
      const counts = slices.get(slice);
      if (!counts) return;
      counts.done += 1;
      if (failed) counts.failed += 1;
      if (counts.done % every !== 0 && counts.done !== slice.items) return;
      log.info('enrich-leads: progress', { jobId, sliceId: slice.id, rows: slice.items, ...counts });
    },
  };
}
