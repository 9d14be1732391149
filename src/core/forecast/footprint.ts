import { unitsOf, unitsWhileGrowing } from './growth.ts';
import type { Plan } from './input.ts';
import { requestsPerItem } from './rates.ts';
import type { Scale } from './scale.ts';
import type { Slices } from './slices.ts';

/** DynamoDB's units: a write of 1 KB, a consistent read of 4 KB. An item has at most 400 KB. */
const writeUnit = 1_024;
const readUnit = 4_096;
const largestRecord = 400 * 1_024;
/** Read units a second that one key's partition gives. */
export const partitionReads = 3_000;

/** Bytes of the records in the table, names included; counted by hand on `src/aws/ledger-items.ts`. */
const jobBytes = 350;
const sliceBytes = 350;
/** A slice's id in the job's set of those that are counted: six digits, and one byte for the element. */
const settledBytes = 7;
/** A part's name in its slice's list. */
const partBytes = 6;
/** What was learned of durations: 50 observations, each at worst in a bucket of its own; and the ranks' names. */
const learnedBytes = 50 * 16;
const learnedRankBytes = 12;

/** Slices that the job's record has room to count. */
export const mostSlices = Math.floor((largestRecord - jobBytes) / settledBytes);

/** A worker shows that it lives every third of a lease of 60 s: src/core/jobs/slices/recorder.ts, serverless.yml. */
const renewSeconds = 20;
/** How often a worker looks whether its job was stopped: src/core/jobs/slices/watch-for-cancel.ts. */
const cancelLookSeconds = 1;
/** How often the sweeper looks through every unfinished job: serverless.yml. */
const sweepSeconds = 60;
/** What finishes while a checkpoint is being written goes into the next: two round trips. Assumed. */
const checkpointTakesMs = 60;
/** One reservation of a shared rate serves five requests and more: docs/decisions/limits.md. */
const requestsPerReservation = 5;
/** A breaker and a rate are looked at again at most so often: `knownForMs` in src/core/limits/. */
const limitLookSeconds = 1;
const messagesPerSend = 10;
/** A finished output is written in parts of so many bytes. */
const uploadPartBytes = 8 * 2 ** 20;
/** What an outcome says of its item besides the output. */
const envelopeBytes = 200;
/** Log lines: one for each item, one for each delivery besides the platform's three. */
const itemLogBytes = 400;
const deliveryLogBytes = 1_000;

/** What a run asks of AWS, in counts and bytes. */
export interface Footprint {
  invocations: number;
  sweeps: number;
  sqsRequests: number;
  /** Of those, the ones with a message group. */
  sqsFairRequests: number;
  tableWrites: number;
  tableReads: number;
  tableBytes: number;
  puts: number;
  gets: number;
  /** In the store for as long as it keeps a job: 30 days. */
  storedBytes: number;
  logBytes: number;
  /** Read units a second on the job's own record, at its largest. */
  jobReadsPerSecond: number;
}

/**
 * Counts what `src/core/jobs` and `src/aws` do for a job that nothing goes wrong with, in units of DynamoDB on demand. Two
 * things grow with the square of the slices: each settled slice rewrites the job's record, which lists them all, and each
 * worker reads it once a second.
 */
export function footprintOf(plan: Plan, slices: Slices, scale: Scale): Footprint {
  const { items, checkpointMs, slots, upstreams, sourceBytes, outputBytes, wait } = plan;
  const { count, size } = slices;
  const { workerSeconds, durationMs, deliveries } = scale;
  const handed = count * (deliveries + wait.looks);
  const deliverySeconds = scale.sliceMs / 1000 / deliveries;

  const every = Math.max(checkpointMs, checkpointTakesMs);
  const checkpoints = count * Math.min(size, Math.max(deliveries, Math.ceil(scale.sliceMs / every)));
  const sliceSize = sliceBytes + (partBytes * checkpoints) / count / 2;
  const sliceWrite = unitsOf(sliceSize, writeUnit);
  const grown = jobBytes + settledBytes * count;
  const jobWrite = unitsWhileGrowing(jobBytes, grown, writeUnit);
  const jobRead = unitsWhileGrowing(jobBytes, grown, readUnit);
  const learned = learnedBytes + learnedRankBytes * Math.min(slots, size);
  const renewals = handed * Math.floor(deliverySeconds / renewSeconds);
  const limited = upstreams.filter(({ rates }) => rates.length > 0);
  const reservations = limited.reduce(
    (sum, upstream) =>
      sum + (upstream.rates.length * items * requestsPerItem(upstream)) / requestsPerReservation,
    0,
  );
  const looks = upstreams.reduce((sum, { rates }) => sum + 1 + rates.length, 0) / limitLookSeconds;
  const sweeps = Math.ceil(durationMs / 1000 / sweepSeconds);

  return {
    invocations: handed,
    sweeps,
    // Sent ten at a time; received, deleted and handed on one by one.
    sqsRequests: Math.ceil(count / messagesPerSend) + 2 * handed + (handed - count),
    sqsFairRequests: Math.ceil(count / messagesPerSend) + (handed - count),
    tableWrites:
      // Submitted: slices, job, its key, its listings. Ended: the status, and struck off.
      count +
      4 +
      unitsOf(grown, writeUnit) +
      1 +
      // Claims, checkpoints, signs of life, hand-overs.
      (handed + checkpoints + renewals + (handed - count)) * sliceWrite +
      // Settled, learned, reserved.
      count * jobWrite +
      handed * unitsOf(learned, writeUnit) +
      reservations,
    tableReads:
      // Each delivery: the job, whether it was stopped, what was learned (twice); each end: the slice.
      handed * (jobRead + 1 + 2 * unitsOf(learned, readUnit)) +
      count * unitsOf(sliceSize, readUnit) +
      workerSeconds * (jobRead / cancelLookSeconds + looks) +
      sweeps * (1 + unitsOf(jobBytes + (settledBytes * count) / 2 + sliceSize * count, readUnit)),
    tableBytes: grown + sliceSize * count,
    puts: count + checkpoints + Math.ceil(outputBytes / uploadPartBytes) + 2,
    // Items at each delivery, what was recorded before at each but the first, everything once for the output.
    gets: handed + (checkpoints * (deliveries - 1)) / 2 + checkpoints,
    storedBytes: sourceBytes + 2 * outputBytes + envelopeBytes * items,
    logBytes: itemLogBytes * items + deliveryLogBytes * handed,
    jobReadsPerSecond: (Math.min(scale.processes, count) * unitsOf(grown, readUnit)) / cancelLookSeconds,
  };
}
