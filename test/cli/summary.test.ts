import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-codes.ts';
import { summaryOf } from '../../src/cli/show-outcome.ts';
import { suggestions } from '../../src/cli/suggest.ts';
import type { JobView } from '../../src/client/contract.ts';

const suggest = suggestions({ dataDir: '.spillway' });
const stopped: JobView = {
  jobId: 'job_1',
  workload: 'echo',
  status: 'cancelled',
  totalItems: 10,
  processedItems: 4,
  successCount: 3,
  errorCount: 1,
  pendingCount: 0,
  cancelledCount: 6,
  progress: 0.4,
  error: { code: 'CREDENTIALS_REFUSED', message: 'no such key', retryable: false },
  createdAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:02.000Z',
};

it('says of what items failed, the most frequent first', () => {
  const errorCounts = { A: 1, B: 1_200, C: 2, D: 2, E: 2, F: 2 };
  const ended: JobView = { ...stopped, status: 'partial', errorCounts };
  expect(summaryOf(ended, {}, false, suggest).split('\n')[1]).toBe(
    '  failed  1,200 × B, 2 × C, 2 × D, 2 × E, 2 × F, …',
  );
});

describe('a job that an error has stopped', () => {
  it('says why, what there is, and how it goes on', () => {
    expect(
      summaryOf(
        stopped,
        { output: 'out.csv', summary: 'summary.json', texts: 'out-texts' },
        false,
        suggest,
      ).split('\n'),
    ).toEqual([
      'job_1 cancelled: 10 items, 3 succeeded, 1 failed, 6 cancelled, after 2 s',
      '  output  out.csv',
      '  summary summary.json',
      '  texts   out-texts',
      '  stopped by CREDENTIALS_REFUSED: no such key',
      '  to run the failed and cancelled items again: npx spillway retry job_1 --output out.csv',
    ]);
  });

  it('ends with the code for failures; one that somebody cancelled, or whose file is broken, with that of an error', () => {
    expect(exitCodeOf(stopped)).toBe(3);
    expect(exitCodeOf({ status: 'cancelled' })).toBe(1);
    expect(exitCodeOf({ ...stopped, status: 'failed' })).toBe(1);
  });
});
