/** A worker process: waits for its order, makes the calls, tells what became of them. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../src/core/engine/clock.ts';
import { toFailure } from '../../../src/core/engine/errors.ts';
import { runUnderBudget } from '../../../src/core/engine/run.ts';
import type { Order, Result } from './order.ts';
import { type Caller, callers } from './ways.ts';

process.once('message', async (order: Order) => {
  const open: Caller[] = await Promise.all(order.apis.map((api) => callers[order.way](order, api)));
  process.send?.('ready');
  process.once('message', async () => {
    const stopAt = Date.now() + order.forMs;
    const total: Result = { succeeded: 0, failed: 0, overflowed: 0, wrong: 0, failures: {} };
    await Promise.all(open.map((caller) => work(order, caller, stopAt, total)));
    process.send?.(total, () => process.exit(0));
  });
});

async function work(order: Order, call: Caller, stopAt: number, total: Result): Promise<void> {
  const ids = Array.from({ length: order.items }, (_, index) => `${order.worker}-${index}-${randomUUID()}`);
  await runUnderBudget(ids, {
    concurrency: order.slots,
    clock: systemClock,
    stopAt,
    expectedMs: () => 0,
    graceMs: 500,
    run: async (id, signal) => {
      const { id: answered } = (await call(id, signal, stopAt)) as { id?: string };
      if (answered !== id) total.wrong += 1;
    },
    onSettled(_, settlement) {
      if (settlement.status === 'succeeded') total.succeeded += 1;
      else if (settlement.status === 'overflow') total.overflowed += 1;
      else {
        total.failed += 1;
        const { code } = toFailure(settlement.error);
        total.failures[code] = (total.failures[code] ?? 0) + 1;
      }
    },
  });
}
