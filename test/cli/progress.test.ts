import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { progressText, startProgress } from '../../src/cli/progress.ts';
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

describe('of a job that stands still', () => {
  const since = '2026-01-01T12:00:00.000Z';
  const clockText = new Date(since).toLocaleTimeString('en-GB');

  it('says what it waits for and why, and promises no end', () => {
    const lastError = { code: 'UPSTREAM_FAILED', message: 'cards: 500\n  boom', since, count: 12 };
    const still = view(250, { waitingFor: { kind: 'upstream', name: 'cards', since }, lastError });
    expect(progressText(still, 0)).toBe(
      `250/1,000 items · 0/s · waiting for cards, down since ${clockText} · UPSTREAM_FAILED: cards: 500 boom, 12 times`,
    );
  });

  it.each([
    ['rate', 'cards/requests', 'waiting for the rate cards/requests'],
    ['memory', 'worker', 'waiting for memory'],
    ['lane', 'a worker', 'waiting for a worker'],
  ] as const)('names its %s', (kind, name, text) => {
    const still = view(0, { waitingFor: { kind, name, since } });
    expect(progressText(still, undefined)).toBe(`0/1,000 items · ${text} since ${clockText}`);
  });

  it('cuts the error of an upstream to a part of a line', () => {
    const lastError = { code: 'A', message: `${'x'.repeat(200)}\n`, since, count: 1 };
    expect(progressText(view(0, { lastError }), undefined)).toBe(
      `0/1,000 items · A: ${'x'.repeat(80)}…, once`,
    );
  });
});
