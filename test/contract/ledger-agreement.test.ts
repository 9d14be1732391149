import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endpointIn } from '../../src/aws/endpoints.ts';
import { dynamoLedger } from '../../src/aws/ledger.ts';
import type { Job, JobState } from '../../src/core/jobs/model/job.ts';
import type { Ledger } from '../../src/core/jobs/model/ledger.ts';
import { type Lease, newSlice, newTask, type Slice, sliceId } from '../../src/core/jobs/model/slice.ts';
import { memoryLedger } from '../../src/memory/ledger.ts';
import { cloudOfFile } from '../core/jobs/cloud.ts';

const cloud = await cloudOfFile();

/** One thing that somebody asks of a ledger. Times are few, so that leases run out now and then. */
type Command = (ledger: Ledger, jobId: string) => Promise<unknown>;

const slices = 3;
const time = fc.integer({ min: 0, max: 5 });
/** How old the claim is that somebody still believes in: mostly it is the newest. */
const age = fc.constantFrom(0, 0, 0, 1);
const round = fc.integer({ min: 0, max: 3 });
const id = fc.constantFrom('000001', '000001', '000001.0', '000002.r1', 'plan', 'plan');
const sliceIds = fc.constantFrom('000001', '000001', '000002');
const codes = fc.constantFrom<Record<string, number>>({}, { BAD: 1 }, { BAD: 2, WORSE: 1 });

/** A lease of a claim of that age. */
const leaseOf = async (ledger: Ledger, jobId: string, sliceId: string, age: number): Promise<Lease> => {
  const { slices = [], tasks = [] } = (await ledger.state(jobId)) ?? {};
  const claims = [...slices, ...tasks].find(({ id }) => id === sliceId)?.claims ?? 1;
  return { jobId, sliceId, claim: claims - age };
};

/** Without the names that calls make up for themselves. */
const unnamed = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null, (key, part) =>
      key === 'holder' || key === 'reopenedBy' ? undefined : part instanceof Set ? [...part].sort() : part,
    ),
  );

const parts = (jobId: string): Slice[] => [newSlice({ jobId, id: '000001.0', from: 5, span: 2 }, 1)];

const command: fc.Arbitrary<[string, Command]> = fc.oneof(
  fc
    .tuple(id, time, time)
    .map(([sliceId, now, until]): [string, Command] => [
      `claim ${sliceId} at ${now} until ${until}`,
      (ledger, jobId) => ledger.claim({ jobId, sliceId }, { now, leaseUntil: until }),
    ]),
  fc
    .tuple(id, age, time)
    .map(([sliceId, n, until]): [string, Command] => [
      `renew ${sliceId} claim −${n}`,
      async (ledger, jobId) => ledger.renew(await leaseOf(ledger, jobId, sliceId, n), until),
    ]),
  fc
    .tuple(sliceIds, age, fc.constantFrom('1-0', '1-1', '2-0'), codes, time, fc.boolean())
    .map(([sliceId, n, part, failures, leaseUntil, done]): [string, Command] => [
      `checkpoint ${part} of ${sliceId} claim −${n}${done ? ', done' : ''}`,
      async (ledger, jobId) => {
        const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
        const event = { part, succeeded: 1, failed, codes: failures, leaseUntil, done };
        return ledger.checkpoint(await leaseOf(ledger, jobId, sliceId, n), event);
      },
    ]),
  fc
    .tuple(id, age, time, fc.constantFrom<'hops' | 'waits'>('hops', 'waits'))
    .map(([sliceId, n, queuedAt, after]): [string, Command] => [
      `release ${sliceId} claim −${n} after ${after}`,
      async (ledger, jobId) => ledger.release(await leaseOf(ledger, jobId, sliceId, n), queuedAt, after),
    ]),
  age.map((n): [string, Command] => [
    `split 000001 claim −${n}`,
    async (ledger, jobId) => ledger.split(await leaseOf(ledger, jobId, '000001', n), parts(jobId)),
  ]),
  fc
    .tuple(age, fc.option(fc.nat(3), { nil: undefined }), time, fc.boolean())
    .map(([n, note, until, done]): [string, Command] => [
      `note ${note} of plan claim −${n}${done ? ', done' : ''}`,
      async (ledger, jobId) =>
        ledger.note(
          await leaseOf(ledger, jobId, 'plan', n),
          note === undefined ? undefined : { at: note },
          until,
          done,
        ),
    ]),
  fc
    .tuple(id, time)
    .map(([sliceId, now]): [string, Command] => [
      `expire ${sliceId} at ${now}`,
      (ledger, jobId) => ledger.expire({ jobId, sliceId }, now),
    ]),
  sliceIds.map((sliceId): [string, Command] => [
    `drop ${sliceId}`,
    (ledger, jobId) => ledger.drop({ jobId, sliceId }),
  ]),
  id.map((sliceId): [string, Command] => [
    `resend ${sliceId}`,
    (ledger, jobId) => ledger.resend({ jobId, sliceId }),
  ]),
  sliceIds.map((sliceId): [string, Command] => [
    `settle ${sliceId}`,
    async (ledger, jobId) => {
      const slice = await ledger.slice({ jobId, sliceId });
      return slice && ledger.settle(slice);
    },
  ]),
  round.map((n): [string, Command] => [
    `add a round ${n}`,
    (ledger, jobId) => ledger.add([newSlice({ jobId, id: `000002.r${n}`, from: 10, span: 5 }, n)]),
  ]),
  fc
    .tuple(fc.constantFrom('completed', 'partial', 'failed', 'cancelled'), time, fc.boolean(), fc.boolean())
    .map(([status, finishedAt, finishing, withError]): [string, Command] => [
      `finish as ${status}${finishing ? ', finishing' : ''}`,
      (ledger, jobId) =>
        ledger.finish(jobId, {
          status,
          finishedAt,
          ...(finishing && { finishing }),
          ...(withError && { error: { code: 'STOPPED', message: 'It was stopped', retryable: false } }),
        }),
    ]),
  fc.boolean().map((withFiles): [string, Command] => [
    'wind up',
    (ledger, jobId) =>
      ledger.windUp(jobId, {
        ...(withFiles && { files: { output: 'a.csv' } }),
        leftOpen: { succeeded: 2, failed: 1, codes: { NO_LUCK: 1 } },
      }),
  ]),
  fc
    .tuple(round, time)
    .map(([n, now]): [string, Command] => [
      `reopen for round ${n} at ${now}`,
      (ledger, jobId) => ledger.reopen(jobId, n, now, now % 2 === 0 ? undefined : 'mine'),
    ]),
  fc
    .tuple(fc.constantFrom('mine', 'other'), time)
    .map(([session, now]): [string, Command] => [
      `attend as ${session} at ${now}`,
      (ledger, jobId) => ledger.attend(jobId, session, now),
    ]),
  time.map((now): [string, Command] => [`hold at ${now}`, (ledger, jobId) => ledger.hold(jobId, now)]),
  fc
    .tuple(time, fc.constantFrom('mine', undefined), fc.boolean())
    .map(([now, session, slower]): [string, Command] => [
      `resume as ${session} at ${now}${slower ? ', slower' : ''}`,
      (ledger, jobId) =>
        ledger.resume(
          jobId,
          now,
          session,
          slower ? { maxWorkers: 2, options: { delayMs: 1 }, output: { format: 'csv' }, sliceSize: 5 } : {},
        ),
    ]),
  fc
    .tuple(time, fc.constantFrom('mine', undefined))
    .map(([now, session]): [string, Command] => [
      `extend as ${session} at ${now}`,
      (ledger, jobId) => ledger.extend(jobId, now, session, { key: 'uploads/acme/a.csv', limit: now + 1 }),
    ]),
  fc
    .boolean()
    .map((gzip): [string, Command] => [
      `rewrite the files${gzip ? ' as gzip' : ''}`,
      (ledger, jobId) => ledger.rewrite(jobId, { format: 'jsonl', gzip }),
    ]),
  fc
    .tuple(fc.integer({ min: 0, max: 20 }), fc.boolean(), fc.option(fc.constantFrom('a', 'b')))
    .map(([items, done, message]): [string, Command] => [
      `plan ${items}${done ? ', done' : ''}${message ? `, warning ${message}` : ''}`,
      (ledger, jobId) =>
        ledger.plan(jobId, items, done, message ? [{ code: 'COLUMN_NAMED', message }] : undefined),
    ]),
  fc
    .tuple(time, time)
    .map(([at, done]): [string, Command] => [
      `mark ${done} at ${at}`,
      (ledger, jobId) => ledger.mark(jobId, [{ at, done }]),
    ]),
  fc
    .option(time, { nil: undefined })
    .map((since): [string, Command] => [
      `wait no longer, or for a rate since ${since}`,
      (ledger, jobId) =>
        ledger.waitFor(jobId, since === undefined ? undefined : { kind: 'rate', name: 'a', since }),
    ]),
  time.map((since): [string, Command] => [
    `wait for an upstream since ${since}`,
    (ledger, jobId) => ledger.waitFor(jobId, { kind: 'upstream', name: 'b', since }),
  ]),
  fc
    .option(fc.tuple(time, fc.constantFrom('A', 'B')), { nil: undefined })
    .map((trouble): [string, Command] => [
      `trouble ${trouble}`,
      (ledger, jobId) => {
        if (!trouble) return ledger.noteTrouble(jobId, undefined);
        const [since, code] = trouble;
        return ledger.noteTrouble(jobId, { code, message: `since ${since}`, since, count: 2 });
      },
    ]),
  fc.tuple(round, time).map(([n, now]): [string, Command] => [
    `stop round ${n}`,
    async (ledger, jobId) => {
      await ledger.stop(jobId, n, now);
      return [await ledger.isStopped(jobId, 1), await ledger.isStopped(jobId, 3)];
    },
  ]),
);

const listed = async (ledger: Ledger, jobId: string): Promise<boolean> => {
  for await (const one of ledger.unfinished()) if (one === jobId) return true;
  return false;
};

const seen = async (ledger: Ledger, jobId: string) => ({
  state: unnamed((await ledger.state(jobId)) satisfies JobState | undefined),
  family: unnamed(await ledger.family(jobId, '000001')),
  listed: await listed(ledger, jobId),
});

let jobs = 0;

it('answer the same, and hold the same, whatever is asked of them', async () => {
  const ledgers = [memoryLedger(), dynamoLedger(cloud.dynamo, cloud.table)] as const;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }), async (commands) => {
      jobs += 1;
      const jobId = `job_${jobs}`;
      const job: Job = {
        id: jobId,
        tenant: 'acme',
        workload: 'echo',
        options: {},
        status: 'running',
        totalItems: 0,
        succeeded: 0,
        failed: 0,
        createdAt: 0,
        planning: true,
        output: { format: 'csv' },
        source: { key: 'uploads/acme/a.csv', limit: 1 },
      };
      const work = [
        ...Array.from({ length: slices }, (_, at) =>
          newSlice({ jobId, id: sliceId(at), from: at * 5, span: 5 }, 0),
        ),
        newTask({ jobId, id: 'plan', task: 'split-source' }, 0),
      ];
      for (const ledger of ledgers) await ledger.create(job, work);
      for (const [name, ask] of commands) {
        const [mine, theirs] = [await ask(ledgers[0], jobId), await ask(ledgers[1], jobId)];
        expect(unnamed(theirs), name).toEqual(unnamed(mine));
      }
      expect(await seen(ledgers[1], jobId)).toEqual(await seen(ledgers[0], jobId));
    }),
    // Servers elsewhere take their time over each of the thousands of calls.
    { numRuns: endpointIn(process.env, 'dynamodb') === undefined ? 80 : 15 },
  );
}, 120_000);
