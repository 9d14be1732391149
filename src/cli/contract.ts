/** What the service's API takes and answers with, as types: all that its clients need to know of a job. */
export type { JobOutput } from '../jobs/job.ts';
export type { JobView } from '../jobs/job-view.ts';
