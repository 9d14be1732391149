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

/** What a terminal is told. */
function terminal(columns = 200) {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns });
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

const control = '\u001b';
const tokens = new RegExp(`${control}\\[\\??\\d*;?\\d*[A-Za-z]|[^]`, 'gu');

/** The lines that a terminal shows after all that. Longer ones than it has columns are a mistake if they are a bar's. */
function screenOf(raw: string, columns: number): string[] {
  const lines = [''];
  let at = 0;
  for (const [token] of raw.matchAll(tokens)) {
    const line = lines.length - 1;
    const current = lines[line] ?? '';
    if (token === '\r' || token === `${control}[1G`) at = 0;
    else if (token === '\n') {
      lines.push('');
      at = 0;
    } else if (token.startsWith(control) && token.endsWith('K'))
      lines[line] = token.includes('2') ? '' : current.slice(0, at);
    else if (!token.startsWith(control)) {
      if (/[█░]/.test(token) && at >= columns) {
        lines.push('');
        at = 0;
      }
      const here = lines.at(-1) ?? '';
      lines[lines.length - 1] = here.slice(0, at) + token + here.slice(at + 1);
      at += 1;
    }
  }
  return lines;
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
      `${'█'.repeat(7)}${'░'.repeat(21)} 25% · 250/1,000 items · 119/s · 7 s left · 3 failed`,
    );
    progress.show(view(1_000, { status: 'partial', errorCount: 3 }));
    progress.end();
    expect(raw()).toContain('\u001b[?25h');
    expect(told()).toContain(`${'█'.repeat(28)} 100% · 1,000/1,000 items · 3 failed`);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([1, 12, 40, 79, 120])(
    'draws over no other line, and into no second one, on %i columns',
    (columns) => {
      const { stream, raw } = terminal(columns);
      const progress = startProgress(stream);
      progress.show(view(250, { errorCount: 3 }));
      vi.advanceTimersByTime(200);
      stream.write('Stand-ins on this machine answer for serper, groq\n');
      progress.show(view(500));
      vi.advanceTimersByTime(200);
      stream.write('no end');
      progress.show(view(1_000));
      progress.end();
      stream.write('after\n');
      const screen = screenOf(raw(), columns);
      expect(screen).toContain('Stand-ins on this machine answer for serper, groq');
      expect(screen).toContain('no end');
      expect(screen).toContain('after');
      const bars = screen.filter((line) => /[█░]|^…$/.test(line));
      expect(bars).toHaveLength(columns === 1 ? 0 : 1);
      for (const bar of bars) expect(bar.length).toBeLessThan(columns);
      for (const jump of ['\u001b7', '\u001b8']) expect(raw()).not.toContain(jump);
    },
  );

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
