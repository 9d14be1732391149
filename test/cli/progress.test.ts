import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProgress } from '../../src/cli/progress.ts';
import type { JobView } from '../../src/client/contract.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What a terminal of 200 columns is told. */
function terminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 200 });
  let all = '';
  stream.on('data', (chunk) => {
    all += chunk;
  });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    /** All of it so far, as it came. */
    raw: () => all,
    /** What it was told since the last look, without what moves the cursor. */
    told: () => {
      const text = stripVTControlCharacters(all);
      all = '';
      return text;
    },
  };
}

const view = (processedItems: number, more: Partial<JobView> = {}): JobView => ({
  jobId: 'job_1',
  workload: 'echo',
  status: 'running',
  totalItems: 1_000,
  processedItems,
  successCount: processedItems,
  errorCount: 0,
  pendingCount: 1_000 - processedItems,
  cancelledCount: 0,
  progress: processedItems / 1_000,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

describe('on a terminal', () => {
  it('is a bar with counts, pace, time left and failures; the cursor comes back', () => {
    const { stream, raw, told } = terminal();
    const progress = startProgress(stream);
    expect(raw()).toContain('\u001b[?25l');
    expect(told()).toContain(`${'░'.repeat(28)} 0% · starting`);
    progress.show(view(0));
    vi.advanceTimersByTime(2_000);
    expect(told()).toContain(' 0% · 0/1,000 items');
    progress.show(view(250, { errorCount: 3 }));
    vi.advanceTimersByTime(100);
    expect(told()).toContain(
      `${'█'.repeat(7)}${'░'.repeat(21)} 25% · 250/1,000 items · 125/s · 6 s left · 3 failed`,
    );
    progress.show(view(1_000, { status: 'partial', errorCount: 3 }));
    progress.end();
    expect(raw()).toContain('\u001b[?25h');
    expect(told()).toContain(`${'█'.repeat(28)} 100% · 1,000/1,000 items · 3 failed`);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is no bar among the lines of a log', () => {
    const { stream, raw } = terminal();
    const progress = startProgress(stream, true);
    progress.show(view(0));
    vi.advanceTimersByTime(2_000);
    progress.show(view(250));
    vi.advanceTimersByTime(1_000);
    progress.end();
    expect(raw()).toBe('0/1,000 items\n250/1,000 items · 83.3/s · 9 s left\n');
    expect(vi.getTimerCount()).toBe(0);
  });
});
