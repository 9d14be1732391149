import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import { sweep } from '../src/core/jobs/sweep.ts';
import { workerBudget } from './edge/budget.ts';
import { withDeadline } from './edge/deadline.ts';
import { log, logger, powertoolsMetrics } from './edge/powertools.ts';
import { jobs } from './edge/runtime.ts';

/** Schedule → resumes slices whose worker vanished, and stalled jobs. */
export const handler = middy<ScheduledEvent, void>()
  .use(withDeadline)
  .use(injectLambdaContext(logger, { clearState: true }))
  .use(logMetrics(powertoolsMetrics))
  .handler(async (_event, context) => {
    log.info('swept', await sweep(jobs, workerBudget(context).stopAt));
  });
