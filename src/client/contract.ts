/**
 * The request and answer types of the service's API. They come from the schemas that check requests and
 * generate the OpenAPI document.
 */
import type * as z from 'zod';
import type * as answers from '../../handlers/edge/answers.ts';
import type * as requests from '../../handlers/edge/requests.ts';

export type { JobOutput } from '../core/jobs/model/job.ts';
export type { JobView } from '../core/jobs/views/job-view.ts';

/** Body of `POST /jobs`. The workload defines its options and items. */
export type JobRequest = z.input<typeof requests.jobRequest>;
export type JobAnswer = z.output<ReturnType<typeof answers.jobAnswer>>;
export type {
  ExportQuery,
  Product,
  ProductList,
  ProductPatch,
  ProductsAnswer,
  ProductsQuery,
  ProductsRequest,
} from '../../handlers/edge/products.ts';
export type JobsQuery = z.input<typeof requests.jobsQuery>;
export type JobsAnswer = z.output<typeof answers.jobsAnswer>;
export type ResultsQuery = Omit<z.input<ReturnType<typeof requests.resultsQuery>>, 'cursor'>;
export type ResultsAnswer = z.output<ReturnType<typeof answers.resultsAnswer>>;
export type ResumeRequest = z.input<typeof requests.resumeRequest>;
/** Which of a finished job's files. */
export type OutputFile = z.output<typeof requests.outputQuery>['file'];
export type UploadsRequest = z.input<typeof requests.uploadsRequest>;
export type UploadsAnswer = z.output<typeof answers.uploadsAnswer>;
export type JobEvent = z.output<typeof answers.jobEvent>;
export type Health = z.output<typeof answers.healthAnswer>;
