import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { sleep, systemClock } from '../core/engine/clock.ts';
import type { QueueSource } from './config-model.ts';
import type { Slots } from './slots.ts';
import { type SqsRecord, sqsRecord, succeeded } from './sqs-event.ts';

export interface EventSourceOptions {
  source: QueueSource;
  queueUrl: string;
  queueArn: string;
  region: string;
  sqs: SQSClient;
  /** Shared by all sources: invocations at a time on this machine. */
  workers: Slots;
  invoke(functionName: string, event: unknown): Promise<unknown>;
}

/** An event source mapping at work. */
export interface EventSource {
  /** Receives no more; settles when the last running invocation has ended. */
  stop(): Promise<void>;
}

/** Messages that one receive, delete or change may name. Source: Amazon SQS quotas. */
const callLimit = 10;
/**
 * Seconds that one receive waits. Lambda waits up to 20; here a stop waits for the receive to end, because a server
 * does not notice that its caller went away and would still hand it a message.
 */
const waitSeconds = 1;
/** Milliseconds to wait when the queue cannot be reached. */
const retryDelay = 1_000;
/**
 * Seconds after which a message that was received too late is visible again. Not 0: fauxqs, when it persists, fails on
 * that and forgets the message until it is restarted.
 */
const handBackSeconds = 1;

/**
 * Polls a queue for a function, as Lambda's event source mapping does: what succeeded is deleted, what failed is left
 * to come back when its visibility timeout ends, or to move to the dead-letter queue by the queue's own policy.
 *
 * Only when a place is free does it receive, and at most one batch: messages that lay here waiting would count as
 * received, and be out of reach of others. Should another source take the place meanwhile, that batch waits for the next.
 */
export function startEventSource(options: EventSourceOptions): EventSource {
  const { source, queueUrl: QueueUrl, sqs, workers } = options;
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const stopped = () => stopping.signal.aborted;

  async function poll(): Promise<void> {
    while (!stopped()) {
      while (running.size >= source.maximumConcurrency) await Promise.race(running);
      await workers.available();
      const messages = stopped() ? [] : await receiveBatch();
      if (messages.length === 0) continue;
      await workers.acquire();
      if (stopped()) {
        workers.release();
        await handBack(messages);
        return;
      }
      const run: Promise<void> = runBatch(messages).finally(() => running.delete(run));
      running.add(run);
    }
  }

  /** One receive; more if the batch is to be filled within its window. */
  async function receiveBatch(): Promise<Message[]> {
    const messages = await receive(Math.min(callLimit, source.batchSize));
    const until = Date.now() + source.batchingWindow * 1000;
    while (messages.length > 0 && messages.length < source.batchSize && Date.now() < until && !stopped()) {
      messages.push(...(await receive(Math.min(callLimit, source.batchSize - messages.length))));
    }
    return messages;
  }

  let reachable = true;
  async function receive(count: number): Promise<Message[]> {
    try {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: count,
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      reachable = true;
      return Messages;
    } catch (error) {
      if (reachable) console.error(`${source.queue} cannot be read; retrying:`, error);
      reachable = false;
      await sleep(systemClock, retryDelay, stopping.signal).catch(() => {});
      return [];
    }
  }

  async function runBatch(messages: readonly Message[]): Promise<void> {
    const records = messages.map((message) => sqsRecord(message, options.queueArn, options.region));
    let result: unknown;
    try {
      result = await options.invoke(source.functionName, { Records: records });
    } catch {
      // The function's log says why. Nothing is deleted: all of it comes back.
      return;
    } finally {
      // Before the messages are deleted: the worker can have the next one meanwhile.
      workers.release();
    }
    try {
      await remove(source.reportsItemFailures ? succeeded(records, result) : records);
    } catch (error) {
      // They come back, which is what a function has to expect of SQS anyway.
      console.error(`${source.queue}: handled messages could not be deleted:`, error);
    }
  }

  async function remove(records: readonly SqsRecord[]): Promise<void> {
    for (const part of inCalls(records)) {
      const Entries = part.map(({ receiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
      }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  async function handBack(messages: readonly Message[]): Promise<void> {
    for (const part of inCalls(messages)) {
      const Entries = part.map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: handBackSeconds,
      }));
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })).catch((error) => {
        // They come back all the same, only later.
        console.error(`${source.queue}: messages could not be handed back:`, error);
      });
    }
  }

  const polling = poll();
  return {
    stop: async () => {
      stopping.abort();
      await polling;
      await Promise.all(running);
    },
  };
}

/** As many at a time as one call may name. */
function inCalls<T>(entries: readonly T[]): T[][] {
  const calls = Math.ceil(entries.length / callLimit);
  return Array.from({ length: calls }, (_, call) => entries.slice(call * callLimit, (call + 1) * callLimit));
}
