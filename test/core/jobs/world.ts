import { setImmediate } from 'node:timers/promises';
import { beforeEach } from 'vitest';
import { endpointIn, serverKinds } from '../../../src/aws/endpoints.ts';
import { systemClock } from '../../../src/core/engine/clock.ts';
import { memoryBlobs } from '../../../src/memory/blobs.ts';
import { memoryLedger } from '../../../src/memory/ledger.ts';
import { memoryQueue } from '../../../src/memory/queue.ts';
import { surroundings, type World } from './surroundings.ts';

/** Whether `worldOfFile` speaks to servers: a call takes a hundred times as long there. */
export const onServers =
  process.env.SPILLWAY_TEST_PORTS === 'aws' ||
  serverKinds.some((kind) => endpointIn(process.env, kind) !== undefined);

/**
 * The ports of a test file, for a job's life where nothing else is meant: those in memory; with `SPILLWAY_TEST_PORTS=aws`,
 * or where the environment names servers, those on AWS. Each test starts with an empty queue.
 */
export async function worldOfFile(): Promise<World> {
  // Not loaded otherwise: the servers and the SDK take longer than most tests.
  if (onServers) return (await import('./cloud.ts')).cloudOfFile();
  const ledger = memoryLedger();
  const queue = memoryQueue(systemClock);
  const blobs = memoryBlobs();
  beforeEach(() => void queue.receive());
  return {
    jobs: (workload, clock = systemClock, more = {}) => ({
      ledger,
      queue,
      blobs,
      ...surroundings(workload, clock),
      ...more,
    }),
    async receive() {
      // As over a wire: whoever asks again and again lets others work in between.
      await setImmediate();
      return queue.receive().sort((a, b) => a.sliceId.localeCompare(b.sliceId));
    },
  };
}
