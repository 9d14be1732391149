import { type Cost, costOf, gb, line, queueLines, workLines } from './cost.ts';
import { footprintOf } from './footprint.ts';
import type { Plan } from './input.ts';
import type { Scale } from './scale.ts';
import type { Slices } from './slices.ts';

/** The same job handed out by something else. */
export interface Alternative extends Cost {
  name: string;
  /** What has to be known of it; empty where nothing speaks against it. */
  notes: string[];
}

/** An Express execution ends after five minutes, and its memory counts in pieces of 64 MB; one piece is assumed. */
const expressSeconds = 300;
const expressGb = 64 / 1024;
/** Express counts whole tenths of a second. */
const expressStepMs = 100;
/** A durable execution takes at most so many operations. */
const mostOperations = 3_000;
/** By default its history is kept for 14 days. */
const durableMonths = 14 / 30;

/**
 * What the same run costs elsewhere: the same workers' time, the same slices as batches, the same log. Whatever else they
 * would need is left out in their favour: reading and writing S3, a shared rate, a table for progress.
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
        // The map itself; each child it starts; the one task in each child.
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
        // An execution for each slice, a step for each item.
        line('Durable', 'operations', 'durableOperation', count + items),
        line('Durable', 'checkpoints written', 'durableWritten', (sourceBytes + outputBytes) / gb),
        line('Durable', 'history', 'durableKept', ((sourceBytes + outputBytes) / gb) * durableMonths),
      ]),
    },
  ];
}
