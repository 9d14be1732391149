import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { endpointIn } from '../aws/endpoints.ts';
import { jobFrom, keys } from '../aws/ledger-items.ts';
import type { Row } from '../aws/table.ts';
import type { Job, JobOutput } from '../core/jobs/model/job.ts';
import { type JobView, viewOf } from '../core/jobs/views/view.ts';
import { openDataDir } from './data-dir.ts';

/** A job as a service would show it. Nobody runs it: one that belongs to a command is held. */
export interface StoredJob {
  view: JobView;
  output?: JobOutput;
  /** Paths of its finished files. */
  files: NonNullable<Job['files']>;
}

/** The jobs in a data directory, read where they lie: a service need not start for a look at them. */
export interface StoredJobs {
  job(jobId: string): Promise<StoredJob | undefined>;
  /** A tenant's jobs, the latest first. */
  latest(tenant: string, limit: number): Promise<StoredJob[]>;
  /** Jobs that have not ended, the latest first. */
  unfinished(): Promise<StoredJob[]>;
}

/** A DynamoDB attribute, as dynalite keeps it. */
type Attribute =
  | { S: string }
  | { N: string }
  | { BOOL: boolean }
  | { NULL: boolean }
  | { L: Attribute[] }
  | { M: Record<string, Attribute> }
  | { SS: string[] };
type Item = Record<string, Attribute>;

/** What is used of a LevelDB. */
interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string): Promise<Item | undefined>;
  keys(range: { gte: string; lt: string; limit?: number }): AsyncIterable<string>;
  values(range: { gte: string; lt: string; reverse?: boolean; limit?: number }): AsyncIterable<Item>;
}

/** Whether jobs are in the data directory: the environment may name another server for its tables. */
export const isStored = () => endpointIn(process.env, 'dynamodb') === undefined;

/**
 * Reads the jobs of a data directory. Undefined if there is none yet, or if its tables are elsewhere. Throws
 * `DATA_DIR_IN_USE` while a service works in it, and `DATA_DIR_UNUSABLE`.
 */
export async function withStoredJobs<T>(
  directory: string,
  read: (jobs: StoredJobs) => Promise<T>,
): Promise<T | undefined> {
  const tables = join(directory, 'tables');
  if (!isStored() || !existsSync(tables)) return undefined;
  const dataDir = openDataDir(directory);
  try {
    const database = openDatabase(tables);
    await database.open();
    try {
      const table = await ledgerTable(database);
      return table === undefined ? undefined : await read(jobsIn(database, table, join(directory, 'files')));
    } finally {
      await database.close();
    }
  } finally {
    dataDir.release();
  }
}

/** With dynalite's own driver, so that both write and read the same format. */
function openDatabase(path: string): Database {
  const ofDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  const { Level }: { Level: new (path: string, options: object) => Database } = ofDynalite('level');
  return new Level(path, { valueEncoding: 'json' });
}

const tablePrefix = 'table~';

async function ledgerTable(database: Database): Promise<string | undefined> {
  for await (const key of database.keys({ gte: tablePrefix, lt: `${tablePrefix}\uffff` })) {
    if (key.endsWith('-ledger')) return key.slice(tablePrefix.length);
  }
  return undefined;
}

function jobsIn(database: Database, table: string, files: string): StoredJobs {
  const partition = (pk: string) => `item-${table}~${hashPrefix(pk)}/${hex(pk)}/`;
  const values = (pk: string, more: { reverse?: boolean; limit?: number } = {}) =>
    database.values({ gte: partition(pk), lt: `${partition(pk)}~`, ...more });
  const job = async (jobId: string) => {
    const { pk, sk } = keys.job(jobId);
    const found = await database.get(`${partition(pk)}${hex(sk)}/`);
    return found && shown(jobFrom(rowOf(found)), files);
  };
  const jobsNamed = async (items: AsyncIterable<Item>) => {
    const found: StoredJob[] = [];
    for await (const item of items) {
      const one = await job(String(rowOf(item).jobId));
      if (one) found.push(one);
    }
    return found;
  };
  return {
    job,
    latest: (tenant, limit) => jobsNamed(values(keys.tenantJob(tenant, '').pk, { reverse: true, limit })),
    unfinished: () => jobsNamed(values(keys.unfinished('').pk, { reverse: true })),
  };
}

function shown(job: Job, directory: string): StoredJob {
  const { output, files = {} } = job;
  const paths = Object.entries(files).map(([name, key]) => [name, join(directory, key)]);
  return {
    view: viewOf({ job, slices: [], tasks: [], settled: new Set() }),
    ...(output && { output }),
    files: Object.fromEntries(paths),
  };
}

/** dynalite's keys: `item-<table>~<hash of the partition>/<partition>/<sort key>/`. */
const hashPrefix = (pk: string) => createHash('md5').update('Outliers').update(pk).digest('hex').slice(0, 6);
const hex = (text: string) => Buffer.from(text).toString('hex');

const rowOf = (item: Item): Row =>
  Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, unmarshalled(attribute)]));

function unmarshalled(attribute: Attribute): unknown {
  if ('S' in attribute) return attribute.S;
  if ('N' in attribute) return Number(attribute.N);
  if ('BOOL' in attribute) return attribute.BOOL;
  if ('L' in attribute) return attribute.L.map(unmarshalled);
  if ('M' in attribute) return rowOf(attribute.M);
  return 'SS' in attribute ? new Set(attribute.SS) : null;
}
