import type { Job, JobKey } from '../core/jobs/model/job.ts';
import type { JobRecord } from '../core/jobs/model/job-life.ts';
import type { Slice, SliceRef, Task, TaskKind } from '../core/jobs/model/slice.ts';
import { parseJson, toJson } from '../core/json/text.ts';
import type { Row } from './table.ts';

/** DynamoDB's time to live deletes a job and all its records after this many seconds. */
const keptSeconds = 30 * 24 * 3600;

const jobPrefix = 'JOB#';
const slicePrefix = 'SLICE#';

/** The keys of records in the table. Tasks lie among the slices, under ids that no slice has. */
export const keys = {
  job: (jobId: string) => ({ pk: `${jobPrefix}${jobId}`, sk: 'JOB' }),
  stopped: (jobId: string) => ({ pk: `${jobPrefix}${jobId}`, sk: 'STOPPED' }),
  slice: ({ jobId, sliceId }: SliceRef) => ({ pk: `${jobPrefix}${jobId}`, sk: `${slicePrefix}${sliceId}` }),
  jobKey: ({ tenant, key }: Pick<JobKey, 'tenant' | 'key'>) => ({ pk: `KEY#${tenant}`, sk: key }),
  tenantJob: (tenant: string, jobId: string) => ({ pk: `TENANT#${tenant}`, sk: jobId }),
  unfinished: (jobId: string) => ({ pk: 'UNFINISHED', sk: jobId }),
  learned: (name: string) => ({ pk: 'LEARNED', sk: name }),
};

export function jobItem(job: Job): Row {
  // As JSON: a map of the table has no order, and its numbers no text.
  const options = toJson(job.options) ?? null;
  return { ...keys.job(job.id), ...job, options, expiresAt: Math.floor(job.createdAt / 1000) + keptSeconds };
}

/** Lists the job among its tenant's jobs. */
export function tenantItem({ id, tenant, createdAt }: Job): Row {
  return { ...keys.tenantJob(tenant, id), jobId: id, expiresAt: Math.floor(createdAt / 1000) + keptSeconds };
}

/** Kept longer than any invocation that must see it. */
export function stoppedItem(jobId: string, round: number, now: number): Row {
  return { ...keys.stopped(jobId), round, expiresAt: Math.ceil(now / 1000) + 24 * 3600 };
}

export function unfinishedItem(jobId: string): Row {
  return { ...keys.unfinished(jobId), jobId };
}

/** Prefix of the attributes that count a job's failures, one for each code. */
export const codeAttribute = 'failed:';

export function jobRecordFrom({ pk, sk, expiresAt, settled, markedAt, ...row }: Row): JobRecord {
  const isCode = ([name]: [string, unknown]) => name.startsWith(codeAttribute);
  const attributes = Object.entries(row);
  const codes = attributes.filter(isCode).map(([name, count]) => [name.slice(codeAttribute.length), count]);
  const { options } = row;
  const job = {
    ...Object.fromEntries(attributes.filter((attribute) => !isCode(attribute))),
    // Older records hold a map.
    ...(typeof options === 'string' && { options: parseJson(options) }),
    ...(codes.length > 0 && { codes: Object.fromEntries(codes) }),
  };
  return { job: job as unknown as Job, settled: (settled as Set<string> | undefined) ?? new Set() };
}

export const jobFrom = (row: Row): Job => jobRecordFrom(row).job;

export function workItem(work: Slice | Task): Row {
  return {
    ...keys.slice({ jobId: work.jobId, sliceId: work.id }),
    ...work,
    expiresAt: Math.floor(work.queuedAt / 1000) + keptSeconds,
  };
}

/** Names of tasks in older records. */
const kindsOfBefore: Readonly<Record<string, TaskKind>> = { plan: 'split-source', finish: 'write-output' };

export function workFrom({ pk, sk, expiresAt, holder, leaseUntil, ...row }: Row): Slice | Task {
  const held = row.status === 'running' && { holder: holder ?? '', leaseUntil };
  const task = row.task !== undefined && { task: kindsOfBefore[String(row.task)] ?? row.task };
  return { waits: 0, crashes: 0, ...row, ...held, ...task } as unknown as Slice | Task;
}
