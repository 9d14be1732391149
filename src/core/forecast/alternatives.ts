import { type Cost, costOf, gb, line, queueLines, workLines } from './cost.ts';
import { footprintOf } from './footprint.ts';
import type { Plan } from './input.ts';
import type { Scale } from './scale.ts';
import type { Slices } from './slices.ts';

/** The same job run on another service. */
export interface Alternative extends Cost {
  name: string;
  /** Caveats; empty if there are none. */
  notes: string[];
}

/** An Express execution ends after five minutes. It is billed for memory in pieces of 64 MB; we assume one piece. */
const expressSeconds = 300;
const expressGb = 64 / 1024;
/** Express bills whole tenths of a second. */
const expressStepMs = 100;
/** The maximum operations of a durable execution. */
const mostOperations = 3_000;
/** Its history is kept for 14 days by default. */
const durableMonths = 14 / 30;

/**
 * What the same run costs on other services, with the same worker time, slices as batches, and logs. Leaves
 * out, in their favour, everything else that they would need: reading and writing S3, a shared rate, a table
 * for progress.
 */
export function alternativesOf(plan: Plan, slices: Slices, scale: Scale): Alternative[] {
  const { items, sourceBytes, outputBytes } = plan;
  const { count, size } = slices;
  const needs = footprintOf(plan, slices, scale);
  const work = workLines(plan, scale, needs);
  const invocations = line('Lambda', 'invocations', 'lambdaRequest', needs.invocations);
  const tooLong = scale.sliceMs > expressSeconds * 1000;
  const tooMany = size + 1 > mostOperations;
  const expressMs = Math.ceil(scale.sliceMs / expressStepMs) * expressStepMs;
  return [
    {
      name: 'Step Functions Distributed Map, Standard',
      notes: scale.deliveries > 1 ? ['a slice lasts longer than one invocation: it would be lost'] : [],
      ...costOf(work, [
        invocations,
        // The map itself, each child that it starts, and the one task in each child.
        // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-transitions.html (read 2026-11-22)
        line('Step Functions', 'state transitions', 'stateTransition', 1 + 2 * count),
      ]),
    },
    {
      name: 'Step Functions Distributed Map, Express',
      notes: tooLong ? ['a slice lasts longer than the five minutes of an Express execution'] : [],
      ...costOf(work, [
        invocations,
        line('Step Functions', 'state transitions', 'stateTransition', 1 + count),
        line('Step Functions', 'Express requests', 'expressRequest', count),
        line('Step Functions', 'Express time', 'expressDuration', (count * expressMs * expressGb) / 1000),
      ]),
    },
    {
      name: 'Lambda durable functions',
      notes: tooMany ? [`a slice takes more than the ${mostOperations} operations of one execution`] : [],
      ...costOf(work, [
        invocations,
        ...queueLines(needs),
        // One execution for each slice, one step for each item.
        line('Durable', 'operations', 'durableOperation', count + items),
        line('Durable', 'checkpoints written', 'durableWritten', (sourceBytes + outputBytes) / gb),
        line('Durable', 'history', 'durableKept', ((sourceBytes + outputBytes) / gb) * durableMonths),
      ]),
    },
  ];
}
