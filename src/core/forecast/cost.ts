import { type Footprint, footprintOf } from './footprint.ts';
import type { Plan } from './input.ts';
import { type PriceName, prices } from './prices.ts';
import { requestsPerItem } from './rates.ts';
import type { Scale } from './scale.ts';
import type { Slices } from './slices.ts';

/** One line of a bill. */
export interface CostLine {
  service: string;
  what: string;
  quantity: number;
  /** The billed unit, such as `GB-second`. */
  unit: string;
  usd: number;
  price: PriceName;
}

export interface Cost {
  lines: CostLine[];
  /** The part that the work itself costs on any service. */
  workUsd: number;
  /** The sum of the lines. */
  usd: number;
}

export const gb = 1e9;
/** The sweeper: 512 MB (serverless.yml), for about a second (assumed). */
const sweepGbSeconds = 0.5;
/** Objects and records are kept for 30 days. */
const months = 1;

export function line(service: string, what: string, price: PriceName, quantity: number): CostLine {
  const { usd, per } = prices[price];
  return { service, what, quantity, unit: per, usd: quantity * usd, price };
}

export function costOf(work: CostLine[], handingOut: CostLine[]): Cost {
  const lines = [...work, ...handingOut];
  return { lines, workUsd: sumOf(work), usd: sumOf(lines) };
}

const sumOf = (lines: readonly CostLine[]) => lines.reduce((sum, { usd }) => sum + usd, 0);

/**
 * The cost of the work itself on any service: the workers' time, what they send, what they log, and each
 * item's AWS requests.
 */
export function workLines(
  plan: Plan,
  { workerSeconds, processes }: Scale,
  { logBytes }: Footprint,
): CostLine[] {
  const { worker, upstreams, items, itemNeeds } = plan;
  const seconds = workerSeconds + (processes * worker.coldStartMs) / 1000;
  const sent = upstreams.reduce((sum, one) => sum + items * requestsPerItem(one) * one.bytesOut, 0);
  const price = worker.architecture === 'arm64' ? 'lambdaArm64' : 'lambdaX86';
  return [
    line('Lambda', 'workers', price, (seconds * worker.memoryMb) / 1024),
    line('Internet', 'requests to upstreams', 'dataOut', sent / gb),
    line('CloudWatch', 'logs', 'logs', logBytes / gb),
    line('S3', 'the items: PUT', 's3Put', items * itemNeeds.puts),
    line('S3', 'the items: GET', 's3Get', items * itemNeeds.gets),
    line('S3', 'the items: what stays', 's3Storage', ((items * itemNeeds.storedBytes) / gb) * months),
    line('DynamoDB', 'the items: writes', 'dynamoWrite', items * itemNeeds.tableWrites),
    line('DynamoDB', 'the items: reads', 'dynamoRead', items * itemNeeds.tableReads),
  ];
}

/** The whole bill of a run. */
export function ownCost(plan: Plan, slices: Slices, scale: Scale): Cost {
  const needs = footprintOf(plan, slices, scale);
  const sweeper = plan.worker.architecture === 'arm64' ? 'lambdaArm64' : 'lambdaX86';
  return costOf(workLines(plan, scale, needs), [
    line('Lambda', 'sweeper', sweeper, needs.sweeps * sweepGbSeconds),
    line('Lambda', 'invocations', 'lambdaRequest', needs.invocations + needs.sweeps),
    ...queueLines(needs),
    line('DynamoDB', 'writes', 'dynamoWrite', needs.tableWrites),
    line('DynamoDB', 'reads', 'dynamoRead', needs.tableReads),
    line('DynamoDB', 'records and their backup', 'dynamoStorage', (needs.tableBytes / gb) * months),
    line('S3', 'PUT', 's3Put', needs.puts),
    line('S3', 'GET', 's3Get', needs.gets),
    line('S3', 'items, outcomes, output', 's3Storage', (needs.storedBytes / gb) * months),
  ]);
}

export function queueLines({ sqsRequests, sqsFairRequests }: Footprint): CostLine[] {
  return [
    line('SQS', 'messages', 'sqsRequest', sqsRequests),
    line('SQS', 'message groups', 'sqsFairRequest', sqsFairRequests),
  ];
}
