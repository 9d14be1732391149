import * as z from 'zod';
import { encodingOf } from '../../src/core/formats/encoding.ts';
import { listFiles } from '../../src/core/jobs/files/list-files.ts';
import { checkItemColumns } from '../../src/core/jobs/files/read-source.ts';
import { workloadOf } from '../../src/core/jobs/model/jobs-context.ts';
import type { Submission } from '../../src/core/jobs/submit.ts';
import type { FileSubmission } from '../../src/core/jobs/submit-file.ts';
import type { Workload } from '../../src/core/jobs/workload.ts';
import type { ApiEvent } from './api.ts';
import { idempotencyOf } from './idempotency.ts';
import { check, checkItems, parseBody } from './input.ts';
import { productsIn, productsRequest } from './products.ts';
import { fileJob, filesJob, itemsJob, jobRequest } from './requests.ts';
import { jobs } from './runtime.ts';
import { webhookApart } from './webhook.ts';

/** A batch as `POST /jobs` describes it, before its workload has checked it. */
export interface JobCall {
  event: ApiEvent;
  tenant: string;
  workload: Workload;
  body: z.output<typeof jobRequest>;
}

/** Reads the body of `POST /jobs`. Throws 415, 400 or 422. */
export function jobCall(event: ApiEvent, tenant: string): JobCall {
  const body = parseBody(event, jobRequest);
  return { event, tenant, workload: workloadOf(jobs, body.workload), body };
}

/** A job with its items in the request, as its workload takes them. Throws 422. */
export function itemsSubmission(call: JobCall): Submission {
  const { workload, body } = call;
  const { source, ...given } = check(itemsJob({ ...workload, item: z.unknown() }), body, detailOf(call));
  const items = checkItems(workload.item, source.items, ['source', 'items'], detailOf(call));
  const submission = { ...common(call, given), items };
  checkItemColumns(workload, submission.options, items);
  return submission;
}

/** A job with its items in a file. Throws 422. */
export function fileSubmission(call: JobCall): FileSubmission {
  const { source, output, ...given } = check(fileJob(call.workload), call.body, detailOf(call));
  const { encoding: label, ...file } = source;
  const encoding = label && encodingOf(label);
  return {
    ...common(call, given),
    source: { ...file, ...(encoding && { encoding }) },
    output,
  };
}

/** A job whose items are files. Throws 422, `SOURCE_NOT_FOUND` or `TOO_MANY_FILES`. */
export async function filesSubmission(call: JobCall): Promise<Submission> {
  const { source, output, ...given } = check(filesJob(call.workload), call.body, detailOf(call));
  const listed = { items: await listFiles(jobs, call.tenant, source) };
  const { items } = check(z.object({ items: z.array(call.workload.item) }), listed, detailOf(call));
  // The outcomes of files exceed a page of results, so the job also writes an output.
  return { ...common(call, given), items, output };
}

/** The body of `POST /create-products`. Throws 415, 400 or 422. */
export function productsSubmission(event: ApiEvent, tenant: string): Submission {
  const products = productsIn(jobs.workloads.values());
  const { productGroups, options } = parseBody(event, productsRequest(products));
  return {
    tenant,
    workload: products.name,
    items: productGroups,
    ...webhookApart(options),
    ...idempotencyOf(event),
  };
}

function common(
  { event, tenant, workload }: JobCall,
  { options, maxWorkers }: Pick<z.output<ReturnType<typeof itemsJob>>, 'options' | 'maxWorkers'>,
): Omit<Submission, 'items'> {
  return {
    tenant,
    workload: workload.name,
    ...webhookApart(options),
    ...(maxWorkers !== undefined && { maxWorkers }),
    ...idempotencyOf(event),
  };
}

const detailOf = ({ workload }: JobCall) => `The body does not fit the schema of ${workload.name}`;
