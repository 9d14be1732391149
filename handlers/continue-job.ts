import { continueSlice } from '../src/core/jobs/continue.ts';
import { workerBudget } from './edge/budget.ts';
import { jobs, settings } from './edge/runtime.ts';
import { sliceMessages } from './edge/slice-messages.ts';
import { warmUp } from './edge/warm-up.ts';

if (settings.SPILLWAY_WARM_UP) warmUp(jobs.workloads.values());

/** SQS → continues a slice that did not fit the caller's time or another worker's. */
export const handler = sliceMessages((ref, context) => continueSlice(jobs, workerBudget(context), ref));
