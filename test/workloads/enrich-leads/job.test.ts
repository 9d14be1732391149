import { afterEach, describe, expect, it } from 'vitest';
import { dynamoSharedCache } from '../../../src/aws/shared-cache.ts';
import { systemClock } from '../../../src/core/engine/clock.ts';
import { openRows } from '../../../src/core/formats/open-rows.ts';
import type { Row } from '../../../src/core/formats/rows.ts';
import { type Accounts, openAccounts } from '../../../src/core/http/accounts.ts';
import { createCache } from '../../../src/core/http/cache.ts';
import { continueSlice } from '../../../src/core/jobs/continue.ts';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import type { Log } from '../../../src/core/jobs/model/ports.ts';
import { retry } from '../../../src/core/jobs/retry.ts';
import { submitFile } from '../../../src/core/jobs/submit-file.ts';
import { echo } from '../../../src/workloads/echo/workload.ts';
import { enrichLeadsOptions } from '../../../src/workloads/enrich-leads/schema.ts';
import { groqAccount, serperAccount } from '../../../src/workloads/enrich-leads/upstreams/accounts.ts';
import { enrichLeads } from '../../../src/workloads/enrich-leads/workload.ts';
import type { WorkloadPorts } from '../../../src/workloads/ports.ts';
import { drain, stateOf } from '../../core/jobs/asking.ts';
import { cloudOfFile } from '../../core/jobs/cloud.ts';
import { invocation } from '../../core/jobs/surroundings.ts';
import { budget, depsOf, seen, useSandbox, withAccount } from '../clients.ts';

const timeScale = 0.01;
const sandbox = useSandbox({ timeScale });
const cloud = await cloudOfFile();
const lines: { message: string; fields: Record<string, unknown> }[] = [];
const note = (message: string, fields = {}) => void lines.push({ message, fields });
const log: Log = { info: note, warn: note, error: note };
afterEach(() => void lines.splice(0));

const accountsHere = () => {
  const env = { SPILLWAY_SANDBOX_URL: sandbox().url, SPILLWAY_SANDBOX_TIME_SCALE: String(timeScale) };
  return openAccounts(env);
};

/** A worker of its own: what it keeps in memory it shares with nobody. Messages come without delay. */
function worker(more: Partial<WorkloadPorts> = {}): JobsContext {
  const plain = cloud.jobs(echo());
  const workload = enrichLeads({
    blobs: plain.blobs,
    upstreamDeps: depsOf(),
    accounts: accountsHere(),
    openCache: (name, limits) =>
      createCache({
        ...limits,
        clock: systemClock,
        shared: dynamoSharedCache(cloud.dynamo, cloud.table, name),
        onUnreachable: () => {},
      }),
    ...more,
  } as WorkloadPorts);
  return {
    ...plain,
    log,
    queue: { ...plain.queue, send: (refs, tenant) => plain.queue.send(refs, tenant, 0) },
    workloads: new Map([[workload.name, workload]]),
  };
}

let files = 0;
const header = 'company,domain,contact,role,email,note';
const lead = (n: number, domain: string, email = '') =>
  `Company ${n},${domain},Contact ${n},CTO,${email},"no. ${n}"`;

async function submitted(
  jobs: JobsContext,
  rows: readonly string[],
  options: object = {},
  head = header,
): Promise<string> {
  files += 1;
  const key = `uploads/acme/leads-${files}.csv`;
  await jobs.blobs.put(key, [head, ...rows, ''].join('\n'), 'text/csv');
  const submission = {
    tenant: 'acme',
    workload: 'enrich-leads',
    options: enrichLeadsOptions.parse(options),
    source: { key },
  };
  const job = await submitFile(
    jobs,
    { ...submission, output: { format: 'csv' } },
    { waitUntil: 0, goneAt: 0 },
  );
  return job.id;
}

async function outputOf(jobs: JobsContext, jobId: string): Promise<Row[]> {
  const { job } = await stateOf(jobs, jobId);
  const body = await jobs.blobs.read(job.files?.output ?? '');
  if (!body) throw new Error('no output');
  const rows: Row[] = [];
  for await (const batch of openRows(body)) {
    for (const row of batch.rows) rows.push(row.value);
  }
  return rows;
}

const searches = () => seen(sandbox(), 'serper', 'search').calls;
const chats = () => seen(sandbox(), 'groq', 'chat').calls;
const batchesStarted = () => seen(sandbox(), 'groq', 'createBatch').calls;

describe('a file of leads', () => {
  it('comes back in its order with research and e-mails; what is wrong with a row is told in its place', async () => {
    sandbox().configure({ api: 'groq', errors: { keys: ['Contact 3'], keyStatus: 400 } });
    const jobs = worker();
    const id = await submitted(jobs, [
      lead(0, 'alpha.com', 'ann@alpha.com'),
      lead(1, 'https://www.ALPHA.com/team'),
      lead(2, 'no domain'),
      lead(3, 'beta.com'),
      lead(4, 'alpha.com', 'ann at alpha'),
      lead(5, 'beta.com'),
      ',gamma.com,Contact 6,CTO,,',
    ]);
    await drain(cloud, jobs);
    const rows = await outputOf(jobs, id);
    expect(rows.map(({ error_code }) => error_code)).toEqual([
      '',
      '',
      'INVALID_DOMAIN',
      'UPSTREAM_REFUSED',
      'INVALID_EMAIL',
      '',
      'LEAD_INCOMPLETE',
    ]);
    expect(rows[0]).toMatchObject({
      company: 'Company 0',
      email: 'ann@alpha.com',
      note: 'no. 0',
      research: expect.stringContaining('Alpha'),
      research_sources: expect.stringContaining('https://alpha.com/'),
      email_body: expect.stringContaining('Contact 0'),
    });
    expect(rows[0]?.email_body).not.toMatch(/[⟦⟧]/);
    expect(rows[1]?.research).toBe(rows[0]?.research);
    expect(rows[2]).toMatchObject({ note: 'no. 2', research: '', email_body: '' });
    expect(Object.keys(rows[0] ?? {})).toEqual([
      ...header.split(','),
      ...['research', 'research_sources', 'email_body', 'error_code', 'error_message'],
    ]);
    expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'partial', succeeded: 3, failed: 4 });
    expect({ searches: searches(), chats: chats() }).toEqual({ searches: 2, chats: 4 });
  });

  it('has each domain searched for once, whatever the rows, the workers and the jobs', async () => {
    const leads = Array.from({ length: 70 }, (_, n) => lead(n, `company-${n % 7}.com`));
    const [first, second] = [worker(), worker()];
    const ids = [await submitted(first, leads), await submitted(second, leads.slice(0, 21))];
    const refs = await cloud.receive();
    await Promise.all(
      [first, second].map((jobs, n) =>
        jobs.queue.send(
          refs.filter((_, at) => at % 2 === n),
          'acme',
        ),
      ),
    );
    await Promise.all([drain(cloud, first), drain(cloud, second)]);
    await drain(cloud, first);
    for (const id of ids) expect((await stateOf(first, id)).job.status).toBe('completed');
    expect(searches()).toBe(7);
    expect(chats()).toBe(91);
  });

  it('tells in the log of each slice, and of every five rows', async () => {
    const jobs = worker();
    await submitted(
      jobs,
      Array.from({ length: 12 }, (_, n) => lead(n, n === 4 ? '' : 'acme.com')),
      { parallel: 3 },
    );
    await drain(cloud, jobs);
    const own = lines.filter(({ message }) => message.startsWith('enrich-leads: '));
    expect(
      own.map(({ message, fields: { done, failed, rows, parallel } }) => [
        message.slice(14),
        done ?? parallel,
        failed ?? 0,
        rows,
      ]),
    ).toEqual([
      ['slice started', 3, 0, 12],
      ['progress', 5, expect.any(Number), 12],
      ['progress', 10, 1, 12],
      ['progress', 12, 1, 12],
    ]);
    expect(own[0]?.fields).toMatchObject({ jobId: expect.any(String), sliceId: '000000' });
  });

  it('is refused without a column that leads have', async () => {
    const jobs = worker();
    const refused = submitted(jobs, ['Acme,acme.com'], {}, 'company,domain');
    await expect(refused).rejects.toMatchObject({ code: 'MISSING_COLUMN' });
  });
});

describe('with a key that is', () => {
  const run = (accounts: Accounts) => {
    const jobs = worker();
    const [workload] = worker({ accounts }).workloads.values();
    const ref = {
      jobId: 'job',
      tenant: 'acme',
      index: 0,
      idempotencyKey: 'job#0',
      slice: { id: '000000', before: [], items: 1 },
    };
    const context = { ...ref, ...budget(), log: jobs.log, options: enrichLeadsOptions.parse({}) };
    return workload?.run({ company: 'Acme', domain: 'key.com', contact: 'Ann' }, context);
  };
  const groq = (key: string) => withAccount(accountsHere(), groqAccount, { key });
  const serper = (key: string) => ({
    ...withAccount(accountsHere(), serperAccount, { key }),
    isStandIn: () => false,
  });

  for (const [what, code, accounts] of [
    ['revoked at Groq', 'CREDENTIALS_REFUSED', () => groq('invalid-key')],
    ['revoked at Serper', 'CREDENTIALS_REFUSED', () => serper('invalid-key')],
    ['out of credits', 'CREDENTIALS_REFUSED', () => serper('no-credits')],
    ['missing', 'CREDENTIALS_MISSING', () => openAccounts({})],
  ] as const) {
    it(`${what}, a row stops its job`, async () => {
      await expect(run(accounts())).rejects.toMatchObject({ code, stopsJob: true });
    });
  }
});

it('a job whose key is refused is stopped before all rows have been tried', async () => {
  const own = worker({
    accounts: withAccount(accountsHere(), groqAccount, { key: 'invalid-key' }),
  });
  const id = await submitted(
    own,
    Array.from({ length: 130 }, (_, n) => lead(n, 'refused.com')),
    { parallel: 2 },
  );
  await drain(cloud, own);
  const { job } = await stateOf(own, id);
  expect(job).toMatchObject({ status: 'cancelled', error: { code: 'CREDENTIALS_REFUSED' } });
  expect(chats()).toBeLessThan(20);
});

describe('e-mails in batches', () => {
  const leads = Array.from({ length: 25 }, (_, n) => lead(n, `batch-${n % 5}.com`));
  const options = { emailMode: 'batch' };

  it('come each to their own row, and no worker waits for them', async () => {
    sandbox().configure({ api: 'groq', errors: { keys: ['row-7'], keyStatus: 500 } });
    const jobs = worker();
    const id = await submitted(jobs, leads, options);
    await drain(cloud, jobs);
    const rows = await outputOf(jobs, id);
    rows.forEach((row, n) => {
      if (n === 7) expect(row).toMatchObject({ company: 'Company 7', error_code: 'UPSTREAM_FAILED' });
      else expect(row.email_body).toContain(`Contact ${n},`);
    });
    const { outcomes, slices } = await stateOf(jobs, id);
    expect(outcomes.map(({ attempts }) => attempts)).toEqual(leads.map(() => 1));
    expect(slices[0]?.waits).toBeGreaterThan(0);
    expect(chats()).toBe(0);
    expect(searches()).toBe(5);
  });

  it('are sent once although a worker dies between starting a batch and noting it', async () => {
    const plain = worker();
    let saves = 0;
    const forgetful = worker({
      blobs: {
        ...plain.blobs,
        put: (key, ...rest) => {
          if (key.includes('/email-batches/')) saves += 1;
          return saves === 2 ? Promise.reject(new Error('killed')) : plain.blobs.put(key, ...rest);
        },
      },
    });
    const id = await submitted(forgetful, leads.slice(0, 10), options);
    await deliver(forgetful, 2);
    expect({ saves, started: batchesStarted() }).toEqual({ saves: 2, started: 1 });
    await drain(cloud, plain);
    expect((await stateOf(plain, id)).job.status).toBe('completed');
    expect(batchesStarted()).toBe(1);
    expect(seen(sandbox(), 'groq', 'uploadFile').calls).toBe(1);
  });

  it('that Groq no longer knows are sent again, and so are rows that a retry wants', async () => {
    const jobs = worker();
    const id = await submitted(jobs, leads.slice(0, 5), options);
    await deliver(jobs, 2);
    expect(batchesStarted()).toBe(1);
    sandbox().reset();
    sandbox().configure({ api: 'groq', errors: { keys: ['row-2'], keyStatus: 500 } });
    await drain(cloud, jobs);
    expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'partial', failed: 1 });
    expect(batchesStarted()).toBe(1);
    sandbox().configure({ api: 'groq', errors: { keys: [] } });
    await retry(jobs, await stateOf(jobs, id));
    await drain(cloud, jobs);
    expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'completed', succeeded: 5 });
    expect(batchesStarted()).toBe(2);
  });
});

/** Delivers so many messages, one after the other: of a new job the plan, then its only slice. */
async function deliver(jobs: JobsContext, count: number): Promise<void> {
  for (let delivered = 0; delivered < count; ) {
    for (const ref of await cloud.receive()) {
      delivered += 1;
      await continueSlice(jobs, invocation(jobs.clock), ref);
    }
  }
}
