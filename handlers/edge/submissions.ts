import { z } from 'zod';
import { formats } from '../../src/formats/format.ts';
import type { JobOutput } from '../../src/jobs/job.ts';
import { workloadOf } from '../../src/jobs/room.ts';
import type { Submission } from '../../src/jobs/submit.ts';
import type { FileSubmission } from '../../src/jobs/submit-file.ts';
import {
  type CreateProductsRequest,
  createProductsRequest,
} from '../../src/workloads/create-products/schema.ts';
import type { ApiEvent } from './api.ts';
import { idempotencyOf } from './idempotency.ts';
import { check, parseBody } from './input.ts';
import { room } from './runtime.ts';

const items = z.strictObject({ items: z.array(z.unknown()).min(1).max(10_000) });
const file = z.strictObject({ key: z.string().min(1).max(1_024), format: z.enum(formats).optional() });
const request = z.strictObject({
  workload: z.string(),
  source: z.union([items, file], {
    error: "must be {items: […]}, or {key: 'uploads/…', format?} with csv, jsonl, json or xlsx",
  }),
  /** Of the finished file; for a source that is a file. */
  output: z
    .strictObject({ format: z.enum(formats).default('csv'), gzip: z.boolean().default(false) })
    .refine(({ format, gzip }) => !(gzip && format === 'xlsx'), {
      path: ['gzip'],
      error: 'is not for xlsx, which is compressed by itself',
    })
    .prefault({}),
  options: z.unknown().optional(),
  /** Slices at work at a time. */
  maxWorkers: z.number().int().min(1).max(1_000).optional(),
});

/** A batch as `POST /jobs` asks for it, before its workload has looked at it. */
export type Given = Omit<FileSubmission, 'source' | 'output'>;
export type ItemsSource = z.output<typeof items>;
export type FileSource = z.output<typeof file>;

/** The body of `POST /jobs`. Throws 415, 400 or 422. */
export function jobRequest(
  event: ApiEvent,
  tenant: string,
): { given: Given; source: ItemsSource | FileSource; output: JobOutput } {
  const { workload, source, output, options, maxWorkers } = parseBody(event, request);
  const given = {
    tenant,
    workload,
    options: options ?? {},
    ...(maxWorkers !== undefined && { maxWorkers }),
    ...idempotencyOf(event),
  };
  return { given, source, output };
}

/** What a workload calls wrong options and items. */
export const detailOf = ({ workload }: Given) => `The body is not what ${workload} takes`;

/** Items and options as their workload takes them. Throws 422. */
export function itemsSubmission(given: Given, source: ItemsSource): Submission {
  const workload = workloadOf(room, given.workload);
  const checked = check(
    z.object({ source: z.object({ items: z.array(workload.item) }), options: workload.options }),
    { source, options: given.options },
    detailOf(given),
  );
  return { ...given, options: checked.options, items: checked.source.items };
}

/** The body of `POST /create-products`. Throws 415, 400 or 422. */
export function productsSubmission(
  event: ApiEvent,
  tenant: string,
): Submission & { items: CreateProductsRequest['productGroups'] } {
  const { productGroups, options } = parseBody(event, createProductsRequest);
  return { tenant, workload: 'create-products', items: productGroups, options, ...idempotencyOf(event) };
}
