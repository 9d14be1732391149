import { unitsOf, unitsWhileGrowing } from './growth.ts';
import type { Plan } from './input.ts';
import { requestsPerItem } from './rates.ts';
import type { Scale } from './scale.ts';
import type { Slices } from './slices.ts';

/** DynamoDB's units: a write of 1 KB, a consistent read of 4 KB. An item has at most 400 KB. */
const writeUnit = 1_024;
const readUnit = 4_096;
const largestRecord = 400 * 1_024;
/** Read units per second that one key's partition provides. */
export const partitionReads = 3_000;

/** Bytes of the records in the table, names included; counted by hand from `src/aws/ledger-items.ts`. */
const jobBytes = 350;
const sliceBytes = 350;
/** A slice's id in the job's set of counted slices: six digits, plus one byte for the element. */
const settledBytes = 7;
/** A part's name in its slice's list. */
const partBytes = 6;
/** The learned durations: 50 observations, at worst each in its own bucket, plus the ranks' names. */
const learnedBytes = 50 * 16;
const learnedRankBytes = 12;

/** The slices that fit into the job's record. */
export const mostSlices = Math.floor((largestRecord - jobBytes) / settledBytes);

/** A worker renews its lease of 60 s every third of it: src/core/jobs/slices/recorder.ts, serverless.yml. */
const renewSeconds = 20;
/** How often a worker checks whether its job was stopped: src/core/jobs/slices/watch-for-cancel.ts. */
const cancelLookSeconds = 1;
/** How often the sweeper checks every unfinished job: serverless.yml. */
const sweepSeconds = 60;
/** Items that finish while a checkpoint is written go into the next one. A write takes two round trips. Assumed. */
const checkpointTakesMs = 60;
/** One reservation of a shared rate serves at least five requests: docs/decisions/limits.md. */
const requestsPerReservation = 5;
/** How often a breaker and a rate are read again, at most: `knownForMs` in src/core/limits/. */
const limitLookSeconds = 1;
const messagesPerSend = 10;
/** The size of the parts in which a finished output is written. */
const uploadPartBytes = 8 * 2 ** 20;
/** An outcome's bytes besides the output. */
const envelopeBytes = 200;
/** Bytes of the log: one line for each item, and one for each delivery besides the platform's three. */
const itemLogBytes = 400;
const deliveryLogBytes = 1_000;

/** A run's use of AWS, in counts and bytes. */
export interface Footprint {
  invocations: number;
  sweeps: number;
  sqsRequests: number;
  /** The part of those with a message group. */
  sqsFairRequests: number;
  tableWrites: number;
  tableReads: number;
  tableBytes: number;
  puts: number;
  gets: number;
  /** Kept in the store as long as the job: 30 days. */
  storedBytes: number;
  logBytes: number;
  /** Read units per second on the job's own record, at its largest. */
  jobReadsPerSecond: number;
}

/**
 * Counts what `src/core/jobs` and `src/aws` do for a job without failures, in units of DynamoDB on demand.
 * Two costs grow with the square of the slices: each settled slice rewrites the job's record, which lists
 * them all, and each worker reads that record once a second.
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
    // Sent ten at a time; received, deleted and handed on one at a time.
    sqsRequests: Math.ceil(count / messagesPerSend) + 2 * handed + (handed - count),
    sqsFairRequests: Math.ceil(count / messagesPerSend) + (handed - count),
    tableWrites:
      // On submission: slices, job, its key, its listings. At the end: the status, and removal from the
      // listing.
      count +
      4 +
      unitsOf(grown, writeUnit) +
      1 +
      // Claims, checkpoints, lease renewals, hand-overs.
      (handed + checkpoints + renewals + (handed - count)) * sliceWrite +
      // Settlements, learned durations, reservations.
      count * jobWrite +
      handed * unitsOf(learned, writeUnit) +
      reservations,
    tableReads:
      // Each delivery: the job, the stop check, the learned durations (twice). Each end: the slice.
      handed * (jobRead + 1 + 2 * unitsOf(learned, readUnit)) +
      count * unitsOf(sliceSize, readUnit) +
      workerSeconds * (jobRead / cancelLookSeconds + looks) +
      sweeps * (1 + unitsOf(jobBytes + (settledBytes * count) / 2 + sliceSize * count, readUnit)),
    tableBytes: grown + sliceSize * count,
    puts: count + checkpoints + Math.ceil(outputBytes / uploadPartBytes) + 2,
    // The items at each delivery, earlier outcomes at each delivery but the first, and everything once for
    // the output.
    gets: handed + (checkpoints * (deliveries - 1)) / 2 + checkpoints,
    storedBytes: sourceBytes + 2 * outputBytes + envelopeBytes * items,
    logBytes: itemLogBytes * items + deliveryLogBytes * handed,
    jobReadsPerSecond: (Math.min(scale.processes, count) * unitsOf(grown, readUnit)) / cancelLookSeconds,
  };
}
