import type { Plan } from './input.ts';
import { type Ceiling, ceilingOf, requestsPerItem } from './rates.ts';
import { mbPerProcessor, type Slices, slicesOf } from './slices.ts';

/**
 * What keeps the run from being faster. `slots`, `processors`: more workers would help. `wait`: waiting
 * without work takes longer than the work. `slices`: there are fewer slices than workers. `start-up`: the run
 * ends before all workers have started. `rate`: an upstream's limit.
 */
export type Bound =
  | { kind: 'slots' | 'processors' | 'slices' | 'start-up' | 'wait' }
  | ({ kind: 'rate' } & Ceiling);

/** Load on one upstream after all workers have started. */
export interface Load {
  upstream: string;
  requestsPerSecond: number;
  /** Megabits per second, from the upstream and to it. */
  inMbps: number;
  outMbps: number;
  /** Average concurrent requests (Little's law). */
  underWay: number;
  /** In 24 hours, or in total if the run is shorter. */
  requestsPerDay: number;
  /** Bytes in 24 hours, both directions together. */
  bytesPerDay: number;
}

/** The run with a given number of workers. */
export interface Scale {
  /** As users count them: workers, or concurrent calls. */
  workers: number;
  /** Workers that are billed. */
  processes: number;
  /** As many as the limits can use, rather than a number that the user chose. */
  adaptive: boolean;
  durationMs: number;
  itemsPerSecond: number;
  bound: Bound;
  loads: Load[];
  /** Seconds of all workers together, including their waits in place for a rate. */
  workerSeconds: number;
  /** How long a worker holds a slice, waits included, in milliseconds. */
  sliceMs: number;
  /** Invocations that a slice takes: more than 1 if it lasts longer than an invocation may. */
  deliveries: number;
}

/**
 * Lambda takes five batches of a standard queue at once, and up to 300 more per minute.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html (read 2026-11-22)
 */
const firstWorkers = 5;
const newWorkersPerSecond = 5;
/** The time that a worker keeps back to record and hand on: handlers/edge/budget.ts. */
const reserveSeconds = 5;
const daySeconds = 86_400;

/** A scale with the values behind its forecast. */
export interface Variant {
  plan: Plan;
  slices: Slices;
  scale: Scale;
}

/** The requested numbers of workers, then the adaptive one. */
export function variantsOf(plan: Plan): Variant[] {
  const useful = usefulWorkers(plan, slicesOf(plan), ceilingOf(plan));
  return [...plan.workers.map((workers) => variantOf(plan, workers, false)), variantOf(plan, useful, true)];
}

/** The run on one machine: a worker process for each processor, which need not wait for AWS to start them. */
export function onMachine(plan: Plan, processors: number): Scale {
  const worker = { ...plan.worker, memoryMb: mbPerProcessor, most: plan.callsOf ? 1 : processors };
  const here = { ...plan, worker };
  const useful = usefulWorkers(here, slicesOf(here), ceilingOf(here));
  return variantOf(here, useful, false).scale;
}

function variantOf(given: Plan, workers: number, adaptive: boolean): Variant {
  const plan = given.callsOf ? withCalls(given, given.callsOf, workers) : given;
  const slices = slicesOf(plan);
  const processes = given.callsOf ? 1 : workers;
  return { plan, slices, scale: { ...scaleOf(plan, slices, ceilingOf(plan), processes), workers, adaptive } };
}

/** The plan with this number of concurrent calls. */
function withCalls(plan: Plan, { sliceItems, smallest, largest }: Calls, calls: number): Plan {
  return { ...plan, slots: calls, sliceSize: Math.min(largest, Math.max(smallest, sliceItems * calls)) };
}

type Calls = NonNullable<Plan['callsOf']>;

/** As many workers as fill the lowest limit; without a limit, the maximum. */
function usefulWorkers(
  { worker, slots, callsOf }: Plan,
  slices: Slices,
  ceiling: Ceiling | undefined,
): number {
  const most = callsOf ? slots : Math.min(worker.most, slices.count);
  if (!ceiling) return most;
  const perWorker = slices.size / (slices.ms / 1000) / (callsOf ? slots : 1);
  return Math.max(1, Math.min(most, Math.ceil(ceiling.itemsPerSecond / perWorker)));
}

function scaleOf(
  plan: Plan,
  slices: Slices,
  ceiling: Ceiling | undefined,
  workers: number,
): Omit<Scale, 'workers' | 'adaptive'> {
  const { items, worker, upstreams, wait } = plan;
  const busy = Math.min(workers, slices.count);
  const sliceSeconds = slices.ms / 1000;
  const perWorker = slices.size / sliceSeconds;
  const limit = ceiling?.itemsPerSecond ?? Number.POSITIVE_INFINITY;
  const itemsPerSecond = Math.min(busy * perWorker, limit);

  const wholeSlices = Math.ceil(slices.count / busy) * sliceSeconds;
  const atFull = Math.max(wholeSlices, items / limit);
  const started = Math.max(wholeSlices, whileStarting(items, perWorker, busy, limit));
  const workSeconds = worker.coldStartMs / 1000 + started;
  const durationMs = workSeconds * 1000 + wait.ms;

  const held = limit < busy * perWorker;
  const heldSeconds = held ? (busy * slices.size) / limit : sliceSeconds;
  return {
    processes: workers,
    durationMs,
    itemsPerSecond,
    bound:
      wait.ms > durationMs / 2
        ? { kind: 'wait' }
        : boundOf(workSeconds, atFull, held ? ceiling : undefined, boundWithout(slices, workers)),
    loads: upstreams.map((upstream) => {
      const perItem = requestsPerItem(upstream);
      const requestsPerSecond =
        perItem * (upstream.whileWaiting ? (1000 * items) / durationMs : itemsPerSecond);
      const requestsPerDay = Math.min(items * perItem, requestsPerSecond * daySeconds);
      return {
        upstream: upstream.name,
        requestsPerSecond,
        inMbps: (requestsPerSecond * upstream.bytesIn * 8) / 1e6,
        outMbps: (requestsPerSecond * upstream.bytesOut * 8) / 1e6,
        underWay: (requestsPerSecond * upstream.latencyMs) / 1000,
        requestsPerDay,
        bytesPerDay: requestsPerDay * (upstream.bytesIn + upstream.bytesOut),
      };
    }),
    workerSeconds: (items / slices.size) * heldSeconds + (slices.count * wait.looks * wait.lookMs) / 1000,
    sliceMs: heldSeconds * 1000,
    deliveries: Math.ceil(heldSeconds / (worker.timeoutSeconds - reserveSeconds)),
  };
}

/** Seconds for all items, while workers are added up to their final number or until the limit is reached. */
function whileStarting(items: number, perWorker: number, workers: number, limit: number): number {
  const useful = Math.min(workers, limit / perWorker);
  const first = Math.min(firstWorkers, useful);
  const seconds = (useful - first) / newWorkersPerSecond;
  const done = (perWorker * (first + useful) * seconds) / 2;
  if (items >= done) return seconds + (items - done) / (perWorker * useful);
  // perWorker · (first · t + newWorkersPerSecond · t² / 2) = items
  const root = Math.sqrt(first ** 2 + (2 * newWorkersPerSecond * items) / perWorker);
  return (root - first) / newWorkersPerSecond;
}

/** Start-up binds if it takes longer than the work would with all workers. */
function boundOf(seconds: number, atFull: number, ceiling: Ceiling | undefined, otherwise: Bound): Bound {
  if (seconds > 2 * atFull) return { kind: 'start-up' };
  return ceiling ? { kind: 'rate', ...ceiling } : otherwise;
}

/** What binds if no upstream does. */
function boundWithout({ count, cpuBound }: Slices, workers: number): Bound {
  if (count < workers) return { kind: 'slices' };
  return { kind: cpuBound ? 'processors' : 'slots' };
}
