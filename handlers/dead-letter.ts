import { buryDeadLetter } from '../src/jobs/dead-letter.ts';
import { nameOf } from './edge/budget.ts';
import { room } from './edge/runtime.ts';
import { sliceMessages } from './edge/slice-messages.ts';

/** Dead-letter queue → items whose delivery failed too often get their outcome, so that their job can end. */
export const handler = sliceMessages((ref, context) => buryDeadLetter(room, nameOf(context), ref));
