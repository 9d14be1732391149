import { buryDeadLetter } from '../src/core/jobs/dead-letter.ts';
import { nameOf } from './edge/budget.ts';
import { jobs } from './edge/runtime.ts';
import { sliceMessages } from './edge/slice-messages.ts';

/** Dead-letter queue → gives items whose delivery failed too often their outcome, so that their job can end. */
export const handler = sliceMessages((ref, context) => buryDeadLetter(jobs, nameOf(context), ref));
