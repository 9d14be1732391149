/** What the service's API takes and answers with, as types: all that its clients need to know of a job. */
export type { JobOutput } from '../core/jobs/model/job.ts';
export type { JobView } from '../core/jobs/views/job-view.ts';
