/**
 * Rates that worker processes share: 8 of them call two upstreams, one of 8 calls a second and one of 5, as fast as they
 * may, for a minute. The upstreams are token buckets that refuse what is too much (burst: one second's worth).
 *
 * Limit: what the rate allows, calls / rate. A system is as good as the share of that which it uses without a refusal.
 * The peers keep their state in a Redis on the same machine, Spillway in a DynamoDB table (dynalite).
 */
import { sleep, systemClock } from '../../src/core/engine/clock.ts';
import { type Sandbox, startSandbox } from '../../src/stand-ins/sandbox.ts';
import type { Bench, Report } from './bench.ts';
import { startCrew } from './limits/crew.ts';
import type { Order, Way } from './limits/order.ts';
import { startTable } from './limits/table.ts';
import { redisMissing, withRedis } from './redis.ts';

const workers = 8;
const slots = 10;
const rates = [8, 5] as const;
const minuteMs = 60_000;
const peerMs = 30_000;

interface Scene {
  system: string;
  name: string;
  way: Way;
  forMs: number;
  redisPort: number;
  /** Freezes one worker for 10 s after a third of the time, and kills another after two thirds. */
  trouble: boolean;
}

export const rateLimits: Bench = {
  name: 'rates',
  about: `${workers} worker processes share ${rates.join('/s and ')}/s`,
  async run(report) {
    const scene = { way: 'spillway', system: 'spillway', forMs: minuteMs, redisPort: 0 } as const;
    await play(report, { ...scene, name: 'all well', trouble: false });
    await play(report, { ...scene, name: 'one frozen for 10 s, one killed', trouble: true });
    const missing = redisMissing();
    for (const way of ['bottleneck', 'rate-limiter-flexible'] as const) {
      if (missing !== undefined) report.skip(way, missing);
      else {
        await withRedis((redisPort) =>
          play(report, { way, system: way, name: 'all well', forMs: peerMs, redisPort, trouble: false }),
        );
      }
    }
  },
};

async function play(report: Report, { system, name, way, forMs, redisPort, trouble }: Scene): Promise<void> {
  report.note(`${system}: ${name}`);
  const table = await startTable();
  const sandboxes = await Promise.all(
    rates.map((rate) =>
      startSandbox({
        overrides: {
          plain: {
            latency: { kind: 'log-normal', medianMs: 100, sigma: 0.5 },
            limits: { requests: { rate, per: 'second', burst: rate } },
          },
        },
      }),
    ),
  );
  try {
    const order = (worker: number): Order => ({
      way,
      worker: `worker-${worker}`,
      apis: sandboxes.map(({ urls }, at) => ({
        name: `upstream-${rates[at]}`,
        url: urls.plain,
        rate: { perSecond: rates[at] ?? 1, burst: rates[at] ?? 1 },
      })),
      slots,
      items: Math.ceil((forMs / 1000) * Math.max(...rates)),
      forMs,
      workers,
      tableEndpoint: table.endpoint,
      redisPort,
    });
    const crew = await startCrew(Array.from({ length: workers }, (_, worker) => order(worker)));
    crew.begin();
    const startedAt = Date.now();
    if (trouble) void makeTrouble(crew.pids, forMs);
    const results = await crew.results;
    const asked = { ...table.asked };
    const wrong = results.reduce((sum, result) => sum + (result?.wrong ?? 0), 0);
    const succeeded = results.reduce((sum, result) => sum + (result?.succeeded ?? 0), 0);
    // What was still under way at the end; and a worker that was killed tells of none of its calls.
    const cutOff = (answered: number) => workers * slots + (trouble ? answered / workers : 0);
    const seen = sandboxes.map((sandbox) => count(sandbox, startedAt, forMs));
    const inAll = seen.reduce((sum, { answered }) => sum + answered, 0);
    seen.forEach(({ admitted, refused }, at) => {
      const rate = rates[at] ?? 1;
      const ownWrites = asked.writes / (seen.length * Math.max(1, admitted));
      report.row({
        system,
        seconds: forMs / 1000,
        items: admitted,
        limitSeconds: admitted / rate,
        // Each answer went to the item that had asked for it.
        checked: wrong === 0 && succeeded <= inAll && inAll - succeeded <= cutOff(inAll),
        extra: {
          case: `${rate}/s`,
          situation: name,
          usedPercent: (100 * admitted) / ((rate * forMs) / 1000),
          refused,
          ...(way === 'spillway' && { tableWritesPerCall: ownWrites }),
        },
      });
    });
  } finally {
    await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
    table.stop();
  }
}

async function makeTrouble(pids: readonly number[], forMs: number): Promise<void> {
  const [, , frozen = 0, , , killed = 0] = pids;
  await sleep(systemClock, forMs / 3);
  process.kill(frozen, 'SIGSTOP');
  await sleep(systemClock, 10_000);
  process.kill(frozen, 'SIGCONT');
  await sleep(systemClock, forMs / 3 - 10_000);
  process.kill(killed, 'SIGKILL');
}

/** Calls that came within the time, from the first one on. */
function count(sandbox: Sandbox, startedAt: number, forMs: number) {
  const calls = sandbox.log({ api: 'plain' }).filter(({ epochMs }) => epochMs >= startedAt);
  const first = calls[0]?.epochMs ?? startedAt;
  const inTime = calls.filter(({ epochMs }) => epochMs < first + forMs);
  return {
    admitted: inTime.filter(({ admitted }) => admitted).length,
    refused: calls.filter(({ admitted }) => !admitted).length,
    answered: calls.filter(({ outcome }) => outcome === 'answered').length,
  };
}
