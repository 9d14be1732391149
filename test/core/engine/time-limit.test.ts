import { describe, expect, it } from 'vitest';
import { sleep } from '../../../src/core/engine/clock.ts';
import { within } from '../../../src/core/engine/time-limit.ts';
import { FakeClock } from './fake-clock.ts';

const never = new AbortController().signal;

describe('an item with a time limit', () => {
  it('that is done in time leaves nothing behind', async () => {
    const clock = new FakeClock();
    expect(
      await clock.run(within(clock, 100, never, (signal) => sleep(clock, 50, signal).then(() => 'done'))),
    ).toBe('done');
    expect(clock.pendingTimers).toBe(0);
  });

  it('that takes too long is aborted and fails, also where it does not listen', async () => {
    for (const listens of [true, false]) {
      const clock = new FakeClock();
      let seen: AbortSignal | undefined;
      const item = within(clock, 100, never, (signal) => {
        seen = signal;
        return sleep(clock, 500, listens ? signal : never);
      });
      await expect(clock.run(item)).rejects.toMatchObject({ code: 'ITEM_TIMED_OUT', retryable: true });
      expect(clock.now()).toBe(100);
      expect(seen?.aborted).toBe(true);
    }
  });

  it('that is aborted from outside ends with that reason', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    clock.after(30, () => stop.abort(new Error('enough')));
    const item = within(clock, 100, stop.signal, (signal) => sleep(clock, 500, signal));
    await expect(clock.run(item)).rejects.toThrow('enough');
    expect(clock.now()).toBe(30);
  });
});
