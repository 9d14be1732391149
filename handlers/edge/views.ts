import type { JobState } from '../../src/core/jobs/model/job.ts';
import { viewOf } from '../../src/core/jobs/views/view.ts';
import { jobs } from './runtime.ts';

/** A job as its tenant sees it, from this service: one that belongs to another session is held. */
export const viewHere = (state: JobState) => viewOf(state, jobs.clock.now(), jobs.settings.session);
