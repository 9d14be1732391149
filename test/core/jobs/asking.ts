import { systemClock } from '../../../src/core/engine/clock.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { Outcome } from '../../../src/core/jobs/model/job.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { readOutcomes } from '../../../src/core/jobs/slices/objects.ts';
import { invocation, type World } from './surroundings.ts';

/** A caller who waits for `ms` milliseconds. */
export const times = (clock = systemClock, ms = 60_000) => ({
  replyBy: clock.now() + ms,
  latest: clock.now() + ms,
  goneAt: clock.now() + ms,
  async: false,
});

/** What the ledger and the store hold of a job. */
export async function stateOf(jobs: JobsContext, jobId: string) {
  const state = await jobs.ledger.state(jobId);
  if (!state) throw new Error(`no job ${jobId}`);
  return { ...state, outcomes: await readOutcomes(jobs.blobs, state.slices) };
}

/**
 * Delivers messages until there are none left; returns how many there were. A sweep also brings back what other tests have
 * left: that is not the room's.
 */
export async function drain(world: World, jobs: JobsContext, budgetMs = 60_000): Promise<number> {
  let delivered = 0;
  for (;;) {
    const refs = await world.receive();
    if (refs.length === 0) return delivered;
    for (const ref of refs) {
      const { workload } = (await jobs.ledger.job(ref.jobId)) ?? {};
      if (workload !== undefined && !jobs.workloads.has(workload)) continue;
      await continueSlice(jobs, invocation(jobs.clock, budgetMs), ref);
      delivered += 1;
    }
  }
}

export const indices = (outcomes: readonly Outcome[]) => outcomes.map(({ index }) => index);
export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
