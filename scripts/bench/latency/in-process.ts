import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSRecord } from 'aws-lambda';
import pMap from 'p-map';
import PQueue from 'p-queue';
import { systemClock } from '../../../src/core/engine/clock.ts';
import { noDurations, observe, quantile } from '../../../src/core/engine/durations.ts';
import { runUnderBudget } from '../../../src/core/engine/run.ts';
import { type Item, work } from './items.ts';
import type { System } from './system.ts';

type Run = (items: readonly Item[], slots: number) => Promise<readonly unknown[]>;

/** As a worker runs a slice: under a budget, with an expectation that learns from each item. */
const spillway: Run = async (items, slots) => {
  let durations = noDurations;
  const settlements = await runUnderBudget(items, {
    concurrency: slots,
    clock: systemClock,
    stopAt: systemClock.now() + 3_600_000,
    expectedMs: () => quantile(durations, 0.9) ?? 1000,
    onSettled(_item, settlement) {
      if (settlement.status === 'succeeded') durations = observe(durations, settlement.durationMs);
    },
    run: work,
  });
  return settlements.map((one) => (one.status === 'succeeded' ? one.output : one.status));
};

/** What most hand-written code does: as many as there are slots at once, and the next when all of them are done. */
const lockStep: Run = async (items, slots) => {
  const results: unknown[] = [];
  for (let from = 0; from < items.length; from += slots) {
    const settled = await Promise.allSettled(items.slice(from, from + slots).map(work));
    results.push(...settled.map((one) => (one.status === 'fulfilled' ? one.value : one.status)));
  }
  return results;
};

/** Runs all records of a batch at once, so a batch has as many records as there are slots, and the next one follows. */
const powertools: Run = async (items, slots) => {
  const processor = new BatchProcessor(EventType.SQS);
  const results: unknown[] = [];
  const records = items.map(sqsRecord);
  const handle = async ({ body }: SQSRecord) => {
    const item = JSON.parse(body) as Item;
    results[item.index] = await work(item);
  };
  for (let from = 0; from < records.length; from += slots) {
    const event = { Records: records.slice(from, from + slots) };
    const { batchItemFailures } = await processPartialResponse(event, handle, processor);
    if (batchItemFailures.length > 0) throw new Error('Records failed that only sleep');
  }
  return results;
};

const queue: Run = (items, slots) => {
  const tasks = new PQueue({ concurrency: slots });
  return Promise.all(items.map((item) => tasks.add(() => work(item))));
};

export const inProcess: readonly System[] = [
  system('spillway', spillway),
  system('p-map', (items, slots) => pMap(items, work, { concurrency: slots })),
  system('p-queue', queue),
  system('lock-step batches', lockStep),
  system('Powertools batch', powertools),
];

function system(name: string, run: Run): System {
  return {
    name,
    missing: () => undefined,
    async run(items, slots) {
      // Each gets its code compiled before the clock starts.
      await run(
        items.slice(0, 100).map((item) => ({ ...item, ms: 1 })),
        slots,
      );
      const startedAt = performance.now();
      const results = await run(items, slots);
      return { seconds: (performance.now() - startedAt) / 1000, results };
    },
  };
}

function sqsRecord(item: Item): SQSRecord {
  return {
    messageId: `message-${item.index}`,
    receiptHandle: '',
    body: JSON.stringify(item),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'bench',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:bench',
    awsRegion: 'eu-central-1',
  };
}
