import { continueSlice } from '../src/core/jobs/continue.ts';
import { warmUp } from '../src/workloads/create-products/workload.ts';
import { workerBudget } from './edge/budget.ts';
import { log } from './edge/powertools.ts';
import { jobs, settings } from './edge/runtime.ts';
import { sliceMessages } from './edge/slice-messages.ts';

if (settings.SPILLWAY_WARM_UP)
  warmUp().catch((error) => log.error('model not loaded', { error: String(error) }));

/** SQS → a slice that did not fit the caller's time, or another worker's. */
export const handler = sliceMessages((ref, context) => continueSlice(jobs, workerBudget(context), ref));
