import type { Context } from 'aws-lambda';
import { slotsFor } from '../../src/core/engine/memory.ts';
import type { AnswerTimes } from '../../src/core/jobs/answer.ts';
import type { Invocation } from '../../src/core/jobs/model/invocation.ts';
import type { ApiEvent } from './api.ts';
import type { Preference } from './prefer.ts';
import { jobs, settings } from './runtime.ts';

const { clock } = jobs;

const memoryLimit = settings.AWS_LAMBDA_FUNCTION_MEMORY_SIZE * 2 ** 20;

/** The function's name in serverless.yml: on AWS the service and the stage precede it. */
export function nameOf({ functionName }: Context): string {
  return functionName.slice(functionName.lastIndexOf('-') + 1);
}

/**
 * How long a reading of the memory in use is reused, in milliseconds: reading it for every row costs more than most
 * rows.
 */
const memoryFreshMs = 20;
let memory = { bytes: 0, at: Number.NEGATIVE_INFINITY };

/** In bytes, as the platform counts it. */
function memoryBytes(): number {
  const now = performance.now();
  if (now - memory.at > memoryFreshMs) memory = { bytes: process.memoryUsage.rss(), at: now };
  return memory.bytes;
}

function invocation(context: Context, stopAt: number): Invocation {
  return {
    ranOn: nameOf(context),
    stopAt,
    slots: (concurrency) => slotsFor(memoryBytes() / memoryLimit, concurrency),
    memoryBytes,
  };
}

/**
 * The part of a caller's wait that is kept to record the work and reply: a fifth, at least 1 s and at most 2.5 s.
 * Half of it is for recording; in the other half the ledger is read and the answer travels.
 */
function reserveMs(waitMs: number): number {
  return Math.min(2_500, Math.max(1_000, waitMs / 5));
}

const apiLimitMs = settings.SPILLWAY_API_LIMIT_SECONDS * 1000;

/**
 * Epoch milliseconds of the request's arrival, by the gateway's clock, which started before any cold start. If the
 * gateway's limit has passed, the gateway has already answered, so the event was sent again by another sender and
 * arrives now. The same holds for an event from the future, whose clock runs ahead of this one.
 */
export function arrivalOf({ requestContext: { timeEpoch } }: ApiEvent): number {
  const now = clock.now();
  return timeEpoch > now - apiLimitMs ? Math.min(timeEpoch, now) : now;
}

/**
 * How long this request may take: until the gateway gives up on it. The function's own time limit is the second
 * bound, the caller's `Prefer: wait` the third.
 */
export function apiBudget(
  event: ApiEvent,
  context: Context,
  preference: Preference,
): [Invocation, AnswerTimes] {
  return budgetFrom(arrivalOf(event), context, preference);
}

/**
 * The same for a streamed answer: no gateway waits for it, so the time of a cold start is not lost. It still works
 * no longer than an unstreamed answer: the sooner slices are handed on, the more workers share them.
 */
export function streamBudget(context: Context, preference: Preference): [Invocation, AnswerTimes] {
  return budgetFrom(clock.now(), context, preference);
}

function budgetFrom(arrivedAt: number, context: Context, preference: Preference): [Invocation, AnswerTimes] {
  const goneAt = clock.now() + context.getRemainingTimeInMillis();
  const limit = Math.min(goneAt, arrivedAt + apiLimitMs);
  const reserve = reserveMs(limit - arrivedAt);
  const latest = limit - reserve / 2;
  const wanted = preference.waitSeconds === undefined ? latest : arrivedAt + preference.waitSeconds * 1000;
  const replyBy = Math.min(latest, wanted);
  return [
    invocation(context, replyBy - reserve / 2),
    { replyBy, latest, goneAt: goneAt + 1_000, async: preference.respondAsync },
  ];
}

/** Epoch milliseconds until which a GET may be held. */
export function holdUntil(event: ApiEvent, context: Context, waitSeconds: number): number {
  const [, { replyBy }] = apiBudget(event, context, { respondAsync: false, waitSeconds });
  return replyBy;
}

/** Time that a worker keeps back to record and hand on: recording a slice takes well under a second. */
const workerReserveMs = 5_000;

/** A worker's budget: all of the function's time, less the reserve. Short functions keep back a quarter. */
export function workerBudget(context: Context): Invocation {
  const remaining = context.getRemainingTimeInMillis();
  return invocation(context, clock.now() + remaining - Math.min(workerReserveMs, remaining / 4));
}

/**
 * Epoch milliseconds at which a stream ends in good order, with time to send the last data and end everything that
 * runs.
 */
export function streamUntil(context: Context): number {
  const remaining = context.getRemainingTimeInMillis();
  return clock.now() + remaining - Math.min(streamReserveMs, remaining / 4);
}

const streamReserveMs = 3_000;
