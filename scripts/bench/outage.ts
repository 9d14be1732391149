/**
 * An upstream that is down for 20 s in the middle of the work: 8 worker processes, 5 calls at a time each, of 100 ms.
 *
 * Limit: the calls' own time in that many slots, and the outage. A system is judged by what becomes of the items, and by
 * what it does to an upstream that is trying to come back.
 */
import { sleep, systemClock } from '../../src/core/engine/clock.ts';
import { type CallRecord, startSandbox } from '../../src/stand-ins/sandbox.ts';
import type { Bench, Report } from './bench.ts';
import { startCrew } from './limits/crew.ts';
import type { Way } from './limits/order.ts';
import { startTable } from './limits/table.ts';

const workers = 8;
const slots = 5;
const itemsEach = 500;
const latencyMs = 100;
const upForMs = 5_000;
const downForMs = 20_000;
const probeEveryMs = 2_000;
/** What is under way when the upstream goes down has come back by then, and what failed at once is known to all. */
const noticedMs = 1_000;

export const outage: Bench = {
  name: 'outage',
  about: `${workers} worker processes and an upstream that is down for ${downForMs / 1000} s`,
  async run(report) {
    await play(report, 'spillway', 'spillway');
    await play(report, 'hand-written', 'three attempts with jitter');
  },
};

async function play(report: Report, way: Way, system: string): Promise<void> {
  report.note(system);
  const table = await startTable();
  const sandbox = await startSandbox({
    overrides: { plain: { latency: { kind: 'constant', ms: latencyMs }, limits: { requests: null } } },
  });
  try {
    const crew = await startCrew(
      Array.from({ length: workers }, (_, worker) => ({
        way,
        worker: `worker-${worker}`,
        apis: [{ name: 'upstream', url: sandbox.urls.plain }],
        slots,
        breaker: { failures: 5, probeEveryMs },
        items: itemsEach,
        forMs: 120_000,
        workers,
        tableEndpoint: table.endpoint,
        redisPort: 0,
      })),
    );
    const startedAt = Date.now();
    crew.begin();
    await sleep(systemClock, upForMs);
    const downAt = Date.now();
    sandbox.outage({ api: 'plain', mode: 'unavailable', forMs: downForMs });
    const results = await crew.results;
    const seconds = (Date.now() - startedAt) / 1000;
    const sum = (pick: 'succeeded' | 'failed' | 'wrong') =>
      results.reduce((total, result) => total + (result?.[pick] ?? 0), 0);
    const items = workers * itemsEach;
    const answered = sandbox.log({ api: 'plain' }).filter(({ outcome }) => outcome === 'answered').length;
    report.row({
      system,
      seconds,
      items,
      limitSeconds: (items * latencyMs) / (workers * slots) / 1000 + downForMs / 1000,
      checked:
        sum('succeeded') + sum('failed') === items && sum('wrong') === 0 && answered === sum('succeeded'),
      extra: { failedItems: sum('failed'), ...whileDown(sandbox.log({ api: 'plain' }), downAt) },
    });
  } finally {
    await sandbox.stop();
    table.stop();
  }
}

/** What was asked of the upstream while it was down, and how soon after it the first call got through. */
function whileDown(calls: readonly CallRecord[], downAt: number): Record<string, number> {
  const upAt = downAt + downForMs;
  const failed = calls.filter(({ outcome, epochMs }) => outcome !== 'answered' && epochMs < upAt + noticedMs);
  const probes = failed.filter(({ epochMs }) => epochMs >= downAt + noticedMs);
  const firstAfter = calls.find(({ outcome, epochMs }) => outcome === 'answered' && epochMs >= upAt);
  return {
    callsBeforeNoticed: failed.length - probes.length,
    callsWhileKnownDown: probes.length,
    callsPerProbeInterval: probes.length / ((downForMs - noticedMs) / probeEveryMs),
    resumedAfterSeconds: ((firstAfter?.epochMs ?? Number.NaN) - upAt) / 1000,
  };
}
