/**
 * recommend-cards as it is used: a file of users through the whole service, each user a call of 2.7 s (log-normal, sigma
 * 0.15) with an answer of 35 KB. The stand-in goes ten times as fast, so 270 ms; real overheads weigh ten times as much.
 *
 * `one after the other` is measured on fewer users in the same run. Limit: the calls' own time in as many slots; for the
 * API of unknown capacity, that capacity. `seconds` run from the first call's arrival to the last answer.
 */
import type { SandboxOptions } from '../../src/stand-ins/sandbox.ts';
import type { Bench, Report } from './bench.ts';
import { type CardRun, runCards } from './cards/run.ts';

const timeScale = 0.1;
const sigma = 0.15;
/** Milliseconds of a call, on average. */
const meanMs = 2_700 * Math.exp(sigma ** 2 / 2) * timeScale;
/** Calls that the API of unknown capacity works on at a time: 100 a second. */
const servers = Math.round(meanMs / 10);
/** By then the concurrency should have been found. */
const foundMs = 15_000;

interface Setup {
  sample: number;
  users: number;
  adaptiveUsers: number;
}

export function cardsBench({ sample, users, adaptiveUsers }: Setup): Bench {
  return {
    name: 'recommend-cards',
    about: `${users} users at 2.7 s each, one after the other and 20 at a time; an API of 100 a second`,
    async run(report) {
      const free: SandboxOptions = {
        timeScale,
        overrides: { cards: { limits: { requests: null }, capacity: null } },
      };
      const alone = await measure(report, 'one after the other', sample, 1, free);
      const twenty = await measure(report, '20 workers', users, 20, free);
      const capacity = { servers, queue: 3 * servers };
      const overrides = { cards: { limits: { requests: null }, capacity } };
      const found = await measure(report, 'adaptive, at most 200', adaptiveUsers, 200, {
        timeScale,
        overrides,
      });
      const rate = ({ calls, seconds }: CardRun) => calls / seconds;
      const row = (system: string, items: number, run: CardRun, limitPerSecond: number, extra: object) =>
        report.row({
          system,
          seconds: run.seconds,
          items,
          limitSeconds: items / limitPerSecond,
          checked: run.checked,
          extra: {
            usersPerSecond: rate(run),
            peakCalls: run.peak,
            errorsPercent: run.errorsPercent,
            ...extra,
          },
        });
      row('one after the other', sample, alone, 1000 / meanMs, { case: 'API as fast as asked' });
      row('20 workers', users, twenty, 20_000 / meanMs, {
        case: 'API as fast as asked',
        timesSequential: rate(twenty) / rate(alone),
      });
      row('adaptive, at most 200', adaptiveUsers, found, (1000 * servers) / meanMs, {
        case: 'API of 100 a second',
        usedPercentAfter15s: (100 * found.rateAfter(foundMs)) / ((1000 * servers) / meanMs),
      });
    },
  };
}

export const recommendCards = cardsBench({ sample: 200, users: 20_000, adaptiveUsers: 8_000 });

function measure(
  report: Report,
  what: string,
  users: number,
  maxWorkers: number,
  sandbox: SandboxOptions,
): Promise<CardRun> {
  report.note(`${what}: ${users} users`);
  return runCards({ users, maxWorkers, sandbox });
}
