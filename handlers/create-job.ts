import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { formats } from '../src/formats/format.ts';
import { answer } from '../src/jobs/answer.ts';
import type { JobOutput } from '../src/jobs/job.ts';
import { listFiles } from '../src/jobs/list-files.ts';
import { workloadOf } from '../src/jobs/room.ts';
import type { Submission } from '../src/jobs/submit.ts';
import { type FileSubmission, submitFile } from '../src/jobs/submit-file.ts';
import { present, viewOf } from '../src/jobs/view.ts';
import { type ApiEvent, api, json } from './edge/api.ts';
import { apiBudget } from './edge/budget.ts';
import { idempotencyOf } from './edge/idempotency.ts';
import { check, parseBody } from './edge/input.ts';
import { parsePrefer, preferenceApplied } from './edge/prefer.ts';
import { room, settings } from './edge/runtime.ts';

const items = z.strictObject({ items: z.array(z.unknown()).min(1).max(10_000) });
const file = z.strictObject({ key: z.string().min(1).max(1_024), format: z.enum(formats).optional() });
const key = z.string().min(1).max(1_024);
const files = z
  .strictObject({
    keys: z.array(key).min(1).max(10_000).optional(),
    folders: z.array(key).min(1).max(100).optional(),
  })
  .refine(({ keys, folders }) => keys !== undefined || folders !== undefined);
const request = z.strictObject({
  workload: z.string(),
  source: z.union([items, file, files], {
    error:
      "must be {items: […]}, {key: 'uploads/…', format?} with csv, jsonl, json or xlsx, or {keys?: […], folders?: […]}",
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

/**
 * POST /jobs: a batch for any workload: items out of the request, the rows of a file, or files themselves. A small one is
 * done in the caller's time as far as that goes, with its results.
 */
export const handler = api(async (event, context, { tenant }) => {
  const { workload: name, source, output, options, maxWorkers } = parseBody(event, request);
  const given = {
    tenant,
    workload: name,
    options: options ?? {},
    ...(maxWorkers !== undefined && { maxWorkers }),
    ...idempotencyOf(event),
  };
  if ('key' in source) return submitted(event, context, { ...given, source, output });
  if ('items' in source) return answered(event, context, given, source.items);
  // What becomes of files is more than a page of results: it is put together as well.
  return answered(event, context, { ...given, output }, await listFiles(room, tenant, source));
});

type Given = Omit<FileSubmission, 'source' | 'output'>;
type ItemsGiven = Given & Pick<Submission, 'output'>;

async function submitted(
  event: ApiEvent,
  context: Context,
  given: Given & { source: z.output<typeof file>; output: JobOutput },
) {
  const workload = workloadOf(room, given.workload);
  const { options } = check(z.object({ options: workload.options }), given, detailOf(given));
  const [, times] = apiBudget(event, context, { respondAsync: true });
  const { format, key } = given.source;
  const job = await submitFile(
    room,
    { ...given, options, source: { key, ...(format && { format }) } },
    { waitUntil: times.replyBy, goneAt: times.goneAt },
  );
  const view = viewOf({ job, slices: [], tasks: [], settled: new Set() });
  return json(202, view, { location: `/jobs/${job.id}`, 'retry-after': '2' });
}

async function answered(event: ApiEvent, context: Context, given: ItemsGiven, items: readonly unknown[]) {
  const workload = workloadOf(room, given.workload);
  const checked = check(
    z.object({ source: z.object({ items: z.array(workload.item) }), options: workload.options }),
    { source: { items }, options: given.options },
    detailOf(given),
  );
  const submission = { ...given, options: checked.options, items: checked.source.items };
  const small = submission.items.length <= settings.SPILLWAY_INLINE_ITEMS;
  const wanted = parsePrefer(event.headers.prefer);
  const [invocation, times] = apiBudget(event, context, small ? wanted : { ...wanted, respondAsync: true });
  const done = await answer(room, invocation, submission, times);

  const view = viewOf(done.state);
  const results = await Promise.all(done.outcomes.map((outcome) => present(room, given.workload, outcome)));
  const body = { ...view, ...(small && { results }), timings: done.timings };
  const applied = preferenceApplied(wanted);
  if (view.status !== 'running') return json(200, body, applied);
  return json(202, body, { location: `/jobs/${view.jobId}`, 'retry-after': '2', ...applied });
}

const detailOf = ({ workload }: Given) => `The body is not what ${workload} takes`;
