import type { Clock } from '../core/engine/clock.ts';
import type { Queue } from '../core/jobs/model/ports.ts';
import type { SliceRef } from '../core/jobs/model/slice.ts';

/** A {@link Queue} in memory, with its receiving end. */
export interface MemoryQueue extends Queue {
  /** Takes every message that is due. */
  receive(): SliceRef[];
  /** Epoch milliseconds at which the next message is due; undefined if there is none. */
  nextDue(): number | undefined;
}

export function memoryQueue(clock: Clock): MemoryQueue {
  let messages: { ref: SliceRef; dueAt: number }[] = [];
  return {
    async send(refs, _tenant, delaySeconds = 0) {
      const dueAt = clock.now() + delaySeconds * 1000;
      messages.push(...refs.map((ref) => ({ ref: { ...ref }, dueAt })));
    },

    waiting: async () => messages.filter(({ dueAt }) => dueAt <= clock.now()).length,

    receive() {
      const now = clock.now();
      const due = messages.filter(({ dueAt }) => dueAt <= now);
      messages = messages.filter(({ dueAt }) => dueAt > now);
      return due.map(({ ref }) => ref);
    },

    nextDue: () => (messages.length === 0 ? undefined : Math.min(...messages.map(({ dueAt }) => dueAt))),
  };
}
