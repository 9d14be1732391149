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
  /** Shared by all sources: concurrent invocations on this machine. */
  workers: Slots;
  invoke(functionName: string, event: unknown): Promise<unknown>;
}

/** A running event source mapping. */
export interface EventSource {
  /** Receives no more messages; settles when the last running invocation has ended. */
  stop(): Promise<void>;
}

/** Messages that one receive, delete or change may name. Source: Amazon SQS quotas. */
const callLimit = 10;
/**
 * Seconds that one receive waits. Lambda waits up to 20. Here a stop waits for the receive to end, because a
 * server does not notice that its caller has gone and would still deliver a message to it.
 */
const waitSeconds = 1;
/** Milliseconds to wait when the queue is unreachable. */
const retryDelay = 1_000;
/**
 * Seconds after which a message that was received too late is visible again. Not 0: a persistent fauxqs fails
 * on that and loses the message until it is restarted.
 */
const handBackSeconds = 1;

/**
 * Polls a queue for a function, as Lambda's event source mapping does. Messages that succeed are deleted.
 * Failed ones return when their visibility timeout ends, or move to the dead-letter queue by the queue's own
 * policy.
 *
 * It receives only when a slot is free, and at most one batch: messages that wait here would count as
 * received, and be invisible to others. If another source takes the slot in the meantime, that batch waits
 * for the next one.
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

  /** One receive, or more if the batch may fill within its window. */
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
      // The function's log says why. Nothing is deleted, so all messages return.
      return;
    } finally {
      // Released before the messages are deleted, so that the next batch can have the worker in the meantime.
      workers.release();
    }
    try {
      await remove(source.reportsItemFailures ? succeeded(records, result) : records);
    } catch (error) {
      // They return, which a function must expect of SQS anyway.
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
        // They return anyway, only later.
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

/** Splits entries into groups that one call may name. */
function inCalls<T>(entries: readonly T[]): T[][] {
  const calls = Math.ceil(entries.length / callLimit);
  return Array.from({ length: calls }, (_, call) => entries.slice(call * callLimit, (call + 1) * callLimit));
}
