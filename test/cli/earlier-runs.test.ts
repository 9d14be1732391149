import { expect, it } from 'vitest';
import { learnedFrom } from '../../src/cli/earlier-runs.ts';
import type { JobView, ResultsAnswer } from '../../src/client/contract.ts';
import { count, quantile } from '../../src/core/engine/durations.ts';

const job = (jobId: string, workload: string, status = 'completed') =>
  ({ jobId, workload, status }) as JobView;
const outcome = (durationMs: number, status = 'succeeded') =>
  ({ index: 0, status, durationMs, attempts: 1, ranOn: 'f' }) as ResultsAnswer['results'][number];

it('learns from the first outcomes of the latest ended jobs of that workload', async () => {
  const asked: string[] = [];
  const jobs = [
    job('running', 'echo', 'running'),
    job('other', 'call-api'),
    ...Array.from({ length: 7 }, (_, n) => job(`echo-${n}`, 'echo', n === 0 ? 'partial' : 'completed')),
  ];
  const learned = await learnedFrom(
    {
      listJobs: async () => ({ jobs }),
      async *getResults<Result extends object>(jobId: string) {
        asked.push(jobId);
        yield [outcome(100), outcome(5_000, 'failed'), { index: 2, status: 'cancelled' }] as Result[];
        throw new Error('further pages are not asked for');
      },
    },
    'echo',
  );
  expect(asked).toEqual(['echo-0', 'echo-1', 'echo-2', 'echo-3', 'echo-4']);
  const durations = learned[1] ?? { buckets: {} };
  expect(count(durations)).toBe(5);
  expect(quantile(durations, 0.9)).toBeCloseTo(100, -1.3);
});
