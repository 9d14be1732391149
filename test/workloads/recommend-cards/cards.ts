import { type Clock, systemClock } from '../../../src/core/engine/clock.ts';
import { openAccounts } from '../../../src/core/http/accounts.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { type FileSubmission, submitFile } from '../../../src/core/jobs/submit-file.ts';
import { memoryLimitStore } from '../../../src/memory/limit-store.ts';
import { recommendCards } from '../../../src/workloads/recommend-cards/workload.ts';
import type { World } from '../../core/jobs/surroundings.ts';
import { depsOf } from '../clients.ts';

interface Wishes {
  /** In place of the workload's own. */
  sliceSize?: number;
  /** In place of the workload's own maximum. */
  maxWorkers?: number;
  /** Default: 127.0.0.1. */
  allowAddresses?: string[];
  env?: NodeJS.ProcessEnv;
  /** Default: the system's. */
  clock?: Clock;
}

/** What all workers of a file know of upstreams. */
const shared = memoryLimitStore();

/** A worker process of its own: the workload with its clients and seats, on the table that all share. */
export function cardWorker(world: World, wishes: Wishes = {}): JobsContext {
  const { sliceSize, maxWorkers, allowAddresses = ['127.0.0.1/32'], env = {}, clock = systemClock } = wishes;
  const workload = recommendCards({
    upstreamDeps: depsOf({ store: shared.store, clock }),
    downloads: { allowHttp: true, allowAddresses },
    accounts: openAccounts({}),
    env,
  });
  const tune = (options: unknown) => ({ ...workload.tune?.(options), ...(sliceSize && { sliceSize }) });
  const limits = { ...workload.limits, ...(maxWorkers && { maxWorkers }) };
  return world.jobs({ ...workload, limits, tune }, clock);
}

/** How a header refers to a secret. */
export const reference = (name: string) => `$\{ENV:${name}}`;

export const bodyTemplate = {
  userId: '{{user_id}}',
  spending: { dining: '{{dining:number}}', travel: '{{travel:number=0}}' },
};
export const responseFields = {
  best_card: 'recommendations[0].name',
  value: 'recommendations[0].netAnnualValue',
};

export function configOf(url: string, processing: object = {}, api: object = {}) {
  return {
    api: {
      url,
      headers: { authorization: 'Bearer good-key' },
      body_template: bodyTemplate,
      timeout: 5,
      response_fields: responseFields,
      ...api,
    },
    processing,
  };
}

/** Users `u0`, `u1`, … as CSV. */
export const usersFile = (count: number, row = (n: number) => `u${n},${100 + n},${n}`) =>
  `user_id,dining,travel\r\n${Array.from({ length: count }, (_, n) => `${row(n)}\r\n`).join('')}`;

/** Puts a file of users into the store and submits it as POST /jobs would. */
export async function submitUsers(jobs: JobsContext, content: string, config: object): Promise<string> {
  const key = 'uploads/acme/users.csv';
  await jobs.blobs.put(key, Buffer.from(content), 'text/csv');
  const submission: FileSubmission = {
    tenant: 'acme',
    workload: 'recommend-cards',
    options: jobs.workloads.get('recommend-cards')?.options.parse(config),
    source: { key },
    output: { format: 'jsonl' },
  };
  return (await submitFile(jobs, submission, { waitUntil: 0, goneAt: 0 })).id;
}

/** The rows of a job's finished file. */
export async function outputOf(
  jobs: JobsContext,
  file: string | undefined,
): Promise<Record<string, unknown>[]> {
  const text = (await jobs.blobs.get(file ?? ''))?.toString('utf8') ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
