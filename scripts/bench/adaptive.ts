/**
 * An upstream of which nobody knows what it can do: it works on 20 calls at a time, of 200 ms on average (log-normal,
 * sigma 0.3), so 100 a second; 40 more may queue, whatever comes beyond is refused with 503. One worker with always
 * more to do calls it for 30 s.
 *
 * Limit: 100 calls a second. Fixed concurrencies show what guessing costs: too low wastes the upstream, too high
 * overruns it.
 */
import { startSandbox } from '../../src/stand-ins/sandbox.ts';
import type { Bench, Report } from './bench.ts';
import { startCrew } from './limits/crew.ts';
import type { Order } from './limits/order.ts';
import { startTable } from './limits/table.ts';

const servers = 20;
const meanMs = 200;
const sigma = 0.3;
const queue = 40;
const forMs = 30_000;
const capacity = (servers * 1000) / meanMs;
/** By then the concurrency should have been found. */
const foundMs = 10_000;

export const adaptive: Bench = {
  name: 'adaptive',
  about: `one worker and an upstream of ${capacity} calls a second, which it does not know`,
  async run(report) {
    const concurrency = { start: 5, min: 1, max: 200 };
    await play(report, 'spillway', { way: 'spillway', slots: 200, concurrency });
    for (const slots of [5, 20, 100]) {
      await play(report, `fixed at ${slots}`, { way: 'hand-written', slots });
    }
  },
};

async function play(
  report: Report,
  system: string,
  order: Pick<Order, 'way' | 'slots' | 'concurrency'>,
): Promise<void> {
  report.note(system);
  const table = await startTable();
  const sandbox = await startSandbox({
    overrides: {
      plain: {
        latency: { kind: 'log-normal', medianMs: meanMs / Math.exp(sigma ** 2 / 2), sigma },
        limits: { requests: null },
        capacity: { servers, queue },
      },
    },
  });
  try {
    const crew = await startCrew([
      {
        ...order,
        worker: 'worker',
        apis: [{ name: 'upstream', url: sandbox.urls.plain }],
        items: (capacity * forMs) / 500,
        forMs,
        workers: 1,
        tableEndpoint: table.endpoint,
        redisPort: 0,
      },
    ]);
    crew.begin();
    const [result] = await crew.results;
    const calls = sandbox.log({ api: 'plain' });
    const first = calls[0]?.epochMs ?? 0;
    const doneAt = calls
      .filter(({ outcome }) => outcome === 'answered')
      .map(({ epochMs, durationMs = 0 }) => epochMs + durationMs - first);
    const within = (from: number, to: number) => doneAt.filter((at) => at >= from && at < to).length;
    const refused = calls.filter(({ outcome }) => outcome === 'overloaded' || outcome === 'failed').length;
    const items = within(0, forMs);
    report.row({
      system,
      seconds: forMs / 1000,
      items,
      limitSeconds: items / capacity,
      checked: result !== undefined && result.wrong === 0 && result.succeeded <= items + servers + queue,
      extra: {
        usedPercentOf5To10s: (100 * within(foundMs / 2, foundMs)) / ((capacity * foundMs) / 2000),
        usedPercentAfter10s: (100 * within(foundMs, forMs)) / ((capacity * (forMs - foundMs)) / 1000),
        refusedPercent: (100 * refused) / calls.length,
        failedItems: result?.failed ?? Number.NaN,
      },
    });
  } finally {
    await sandbox.stop();
    table.stop();
  }
}
