import fc from 'fast-check';
import { expect, it } from 'vitest';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import type { SliceRef } from '../../../src/core/jobs/model/slice.ts';
import { readOutcomes } from '../../../src/core/jobs/slices/objects.ts';
import { submit } from '../../../src/core/jobs/submit.ts';
import { sweep } from '../../../src/core/jobs/sweep.ts';
import { invocation, ShiftableClock } from './surroundings.ts';
import { doubling, values } from './workload.ts';
import { onServers, worldOfFile } from './world.ts';

const world = await worldOfFile();

/**
 * What happens to one call of a port. `lost`: it takes effect but its answer never arrives.
 * `dies`: the worker is killed in that very moment, before the call.
 */
type Fault = 'none' | 'refused' | 'lost' | 'dies';

/** Makes a port suffer: each call draws the next fault. A dead worker's calls never return. */
function suffering<Port extends object>(
  port: Port,
  draw: () => Fault,
  onDeath: () => void,
  isDead: () => boolean,
): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const value = Reflect.get(target, name, receiver);
      if (typeof value !== 'function' || name === 'unfinished') return value;
      return async (...args: unknown[]) => {
        const fault = isDead() ? 'dies' : draw();
        if (fault === 'dies') {
          onDeath();
          return new Promise<never>(() => {});
        }
        if (fault === 'refused') throw new Error(`${String(name)} refused`);
        const result = await Reflect.apply(value, target, args);
        if (fault === 'lost') throw new Error(`answer of ${String(name)} lost`);
        return result;
      };
    },
  });
}

/** Runs one invocation under faults; returns when it has ended, one way or the other. */
async function suffer(
  jobs: JobsContext,
  draw: () => Fault,
  task: (jobs: JobsContext) => Promise<unknown>,
): Promise<void> {
  const death = Promise.withResolvers<void>();
  let dead = false;
  const die = () => {
    dead = true;
    death.resolve();
  };
  const wrap = <Port extends object>(port: Port) => suffering(port, draw, die, () => dead);
  const hurt = { ...jobs, ledger: wrap(jobs.ledger), blobs: wrap(jobs.blobs), queue: wrap(jobs.queue) };
  await Promise.race([task(hurt).catch(() => {}), death.promise]);
}

const fault = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fault>('none') },
  { weight: 1, arbitrary: fc.constant<Fault>('refused') },
  { weight: 1, arbitrary: fc.constant<Fault>('lost') },
  { weight: 1, arbitrary: fc.constant<Fault>('dies') },
);

it('ends every item of an accepted job exactly once, whatever is killed, refused, lost or redelivered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fault, { maxLength: 150, size: 'max' }),
      fc.array(fc.boolean(), { maxLength: 40, size: 'max' }),
      async (count, faults, redeliveries) => {
        const clock = new ShiftableClock();
        const { workload, submission, effects } = doubling();
        const messages: SliceRef[] = [];
        const jobs: JobsContext = world.jobs(workload, clock, {
          queue: {
            send: async (refs) => void messages.push(...refs),
            waiting: async () => messages.length,
          },
          settings: { leaseMs: 10_000, maxHops: 1_000, maxWaits: 1_000, maxCrashes: 1_000 },
        });
        const { jobId } = await submit(jobs, submission(values(count)), 0, { waitUntil: 0, goneAt: 0 });

        const draw = () => faults.shift() ?? 'none';
        for (let round = 0; round < 200; round += 1) {
          const ref = messages.shift();
          if (ref) {
            if (redeliveries.shift()) messages.push(ref);
            await suffer(jobs, draw, (hurt) => continueSlice(hurt, invocation(clock), ref));
          } else {
            if ((await jobs.ledger.job(jobId))?.status === 'completed') break;
            clock.shift(3_600_000);
            await suffer(jobs, draw, (hurt) => sweep(hurt, clock.now() + 60_000));
          }
        }

        const state = await jobs.ledger.state(jobId);
        const outcomes = await readOutcomes(jobs.blobs, state?.slices ?? []);
        expect(outcomes.map(({ index }) => index)).toEqual(
          Array.from({ length: count }, (_, index) => index),
        );
        expect(outcomes.every((one) => one.status === 'succeeded' && one.output === one.index * 2)).toBe(
          true,
        );
        expect(state?.job).toMatchObject({ status: 'completed', succeeded: count, failed: 0 });
        expect(effects.size).toBe(count);
      },
    ),
    { numRuns: onServers ? 20 : 300 },
  );
}, 300_000); // Thousands of calls, which other servers take several times as long for.
