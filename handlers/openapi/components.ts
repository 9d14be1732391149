import * as z from 'zod';
import { failureView } from '../../src/core/engine/failure-view.ts';
import { webhook } from '../../src/core/jobs/model/webhook.ts';
import { cancelledView, endNotice, jobView, outcomeView } from '../../src/core/jobs/views/job-view.ts';
import type { Workload } from '../../src/core/jobs/workload.ts';
import { conversion, type JsonSchema } from '../../src/workloads/json-schema.ts';
import {
  answerLine,
  healthAnswer,
  jobAnswer,
  jobEvent,
  jobsAnswer,
  resultOf,
  resultsAnswer,
  uploadsAnswer,
} from '../edge/answers.ts';
import { problemDocument } from '../edge/problem.ts';
import {
  catalogIn,
  productList,
  productOf,
  productPatch,
  productsAnswer,
  productsIn,
  productsRequest,
} from '../edge/products.ts';
import { fileJob, itemsJob, resumeRequest, uploadsRequest } from '../edge/requests.ts';

/** Schemas of the answers, by name in the document. */
function answersOf(workloads: readonly Workload[], products: Workload) {
  const result = resultOf(workloads);
  const product = productOf(products);
  const catalog = catalogIn([products]);
  return {
    Job: jobView,
    JobList: jobsAnswer,
    JobAnswer: jobAnswer(result),
    Results: resultsAnswer(result),
    CreateProductsAnswer: productsAnswer(products),
    Product: product,
    ProductList: productList(catalog),
    CatalogProduct: catalog.schema,
    ExportFile: z.string().describe('The text of the file'),
    Outcome: outcomeView,
    CancelledItem: cancelledView,
    Failure: failureView,
    Uploads: uploadsAnswer,
    Health: healthAnswer,
    EndNotice: endNotice,
    Problem: problemDocument,
    ProductLine: answerLine(product),
    OutcomeLine: answerLine(outcomeView),
    JobEvent: jobEvent,
    JobEvents: z.string().describe('Server-sent events; the data of each event is a JobEvent'),
    OpenApi: z.looseObject({ openapi: z.string() }),
  };
}

/** Every schema of the document by name: those that check requests, and those of answers. */
export function componentsOf(workloads: readonly Workload[]): Record<string, JsonSchema> {
  const products = productsIn(workloads);
  const requests = {
    CreateProductsRequest: productsRequest(products),
    ProductPatch: productPatch,
    UploadsRequest: uploadsRequest,
    ResumeRequest: resumeRequest,
    Webhook: webhook,
  };
  const ofWorkloads = workloads.flatMap((workload): [string, z.ZodType][] => {
    const name = componentName(workload.name);
    const job = anyJob(workload);
    return [
      [`${name}Item`, workload.item],
      [`${name}Options`, job.shape.options.unwrap()],
      [`${name}Job`, job.describe(descriptionOf(workload))],
    ];
  });
  const jobs = workloads.map(({ name }) => `${componentName(name)}Job`);
  return {
    ...convert([...Object.entries(requests), ...ofWorkloads], 'input'),
    ...convert(Object.entries(answersOf(workloads, products)), 'output'),
    JobRequest: {
      oneOf: jobs.map((job) => ({ $ref: refTo(job) })),
      discriminator: {
        propertyName: 'workload',
        mapping: Object.fromEntries(workloads.map(({ name }, n) => [name, refTo(jobs[n] ?? '')])),
      },
    },
  };
}

/** The two kinds of job as one schema: only their sources differ. */
function anyJob(workload: Workload) {
  const ofItems = itemsJob(workload);
  return ofItems.extend({ source: z.union([ofItems.shape.source, fileJob(workload).shape.source]) });
}

export const refTo = (component: string) => `#/components/schemas/${component}`;

/** `word-count` → `WordCount`. */
const componentName = (workload: string) =>
  workload.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());

function descriptionOf({ description, columns = [] }: Workload): string {
  const named = typeof columns === 'function' ? 'that the options name' : columns.join(', ');
  const wanted = named === '' ? '' : ` A file needs the columns ${named}.`;
  return `${description}.${wanted}`;
}

/** Schemas refer to the schemas within them by name. */
function convert(named: readonly [string, z.ZodType][], io: 'input' | 'output'): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...conversion, io, uri: refTo });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]));
}
