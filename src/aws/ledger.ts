import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { SpillwayError } from '../engine/errors.ts';
import type { Learned } from '../jobs/expectation.ts';
import {
  isClosed,
  type Job,
  type JobKey,
  type Lease,
  LeaseLost,
  roundOf,
  type Slice,
  type SliceRef,
} from '../jobs/job.ts';
import type { Claim, Ledger } from '../jobs/ports.ts';
import {
  codeAttribute,
  jobFrom,
  jobItem,
  keys,
  sliceFrom,
  sliceItem,
  stoppedItem,
  tenantItem,
  unfinishedItem,
} from './ledger-items.ts';
import { openTable, type Row } from './table.ts';

/** Records that are written at the same time where there are many. */
const insertsAtOnce = 25;

/**
 * {@link Ledger} in one DynamoDB table with the keys `pk` and `sk`. Conditional updates only, no transactions: each
 * step is safe to repeat, and the order of the steps makes a half-done one harmless.
 */
export function dynamoLedger(dynamo: DynamoDBDocumentClient, table: string): Ledger {
  const { get, query, startingWith, latest, update, insert, insertAll, put, remove } = openTable(
    dynamo,
    table,
  );

  const slice = async (ref: SliceRef) => {
    const found = await get(keys.slice(ref));
    return found && sliceFrom(found);
  };

  const job = async (jobId: string) => {
    const found = await get(keys.job(jobId));
    return found && jobFrom(found);
  };

  /**
   * Changes a slice that the lease's holder still has, and resolves to what it is then. The SDK repeats a call whose answer was lost: `isDone` tells a
   * change that had already been made from a lease that is over.
   */
  const underLease = async (
    lease: Lease,
    expression: string,
    condition: string,
    values: Row,
    isDone: (slice: Slice) => boolean,
  ): Promise<Slice> => {
    const held = `#status = :running AND claims = :claim${condition && ` AND ${condition}`}`;
    const updated = await update(keys.slice(lease), expression, held, {
      ':running': 'running',
      ':claim': lease.claim,
      ...values,
    });
    if (updated) return sliceFrom(updated);
    const current = await slice(lease);
    if (current?.claims !== lease.claim || !isDone(current)) throw new LeaseLost(lease);
    return current;
  };

  const forget = (jobId: string) => remove(keys.unfinished(jobId));

  /** A job whose end is to be told stays listed until the sweeper finds that it was. */
  const forgetUnlessAwaited = async (jobId: string, row: Row | undefined) => {
    const ended = row ?? (await get(keys.job(jobId)));
    if (ended?.webhook === undefined) await forget(jobId);
  };

  return {
    job,
    slice,

    async reserveKey(key) {
      const at = keys.jobKey(key);
      const expiresAt = Math.ceil(key.creatorGoneAt / 1000) + 24 * 3600;
      if (await insert({ ...at, ...key, expiresAt })) return key;
      return ((await get(at)) as JobKey | undefined) ?? key;
    },

    async takeOverKey(key, creatorGoneAt) {
      const taken = await update(
        keys.jobKey(key),
        'SET creatorGoneAt = :new, #status = :taken',
        'creatorGoneAt = :old',
        { ':new': creatorGoneAt, ':old': key.creatorGoneAt, ':taken': 'taken over' },
      );
      return taken !== undefined;
    },

    async create(job, slices) {
      // A job that is listed as unfinished but does not exist is tidied up by the sweeper; the reverse would be lost.
      await insertAll([...slices.map(sliceItem), unfinishedItem(job.id), tenantItem(job)]);
      await insert(jobItem(job));
    },

    async addSlices(slices) {
      // One by one, not in batches: a batch has no conditions, and would put a slice back that is at work already.
      const limit = pLimit(insertsAtOnce);
      await Promise.all(slices.map((slice) => limit(insert, sliceItem(slice))));
    },

    async mark(jobId, marks) {
      const at = marks.at(-1)?.at;
      await update(
        keys.job(jobId),
        'SET marks = :marks, markedAt = :at',
        '#status = :running AND (attribute_not_exists(markedAt) OR markedAt < :at)',
        { ':running': 'running', ':marks': marks, ':at': at },
      );
    },

    async family(jobId, rootId) {
      const { pk, sk } = keys.slice({ jobId, sliceId: rootId });
      const found: Slice[] = [];
      for await (const item of startingWith(pk, sk)) found.push(sliceFrom(item));
      return found;
    },

    async stop(jobId, round, now) {
      await put(stoppedItem(jobId, round, now));
    },

    async isStopped(jobId, round) {
      const found = await get(keys.stopped(jobId));
      return found !== undefined && Number(found.round) >= round;
    },

    async reopen(jobId, round, now) {
      await put(unfinishedItem(jobId));
      const before = await job(jobId);
      const codes = Object.keys(before?.codes ?? {});
      const reopened = await update(
        keys.job(jobId),
        'SET #status = :running, failed = :none, rounds = :round, resumedAt = :now, marks = :marks, markedAt = :now ' +
          `REMOVE ${['finishedAt', '#error', ...codes.map((_, n) => `#code${n}`)].join(', ')}`,
        '#status IN (:partial, :failed, :cancelled) AND attribute_not_exists(finishing) ' +
          'AND (attribute_not_exists(rounds) OR rounds < :round)',
        {
          ':running': 'running',
          ':partial': 'partial',
          ':failed': 'failed',
          ':cancelled': 'cancelled',
          ':none': 0,
          ':round': round,
          ':now': now,
          ':marks': [{ at: now, done: before?.succeeded ?? 0 }],
        },
        Object.fromEntries(codes.map((code, n) => [`#code${n}`, codeAttribute + code])),
      );
      // Also by this call when the SDK repeated it because its answer was lost.
      const isOpen = reopened !== undefined || isReopened(await job(jobId), round, now);
      // Once more: while the job had ended, a sweep may have struck it off.
      if (isOpen) await put(unfinishedItem(jobId));
      return isOpen;
    },

    async jobsOf(tenant, limit, before) {
      const found: Job[] = [];
      for await (const { jobId } of latest(keys.tenantJob(tenant, '').pk, limit, before)) {
        const made = await job(String(jobId));
        if (made) found.push(made);
        if (found.length === limit) break;
      }
      return found;
    },

    async state(jobId) {
      const slices: Slice[] = [];
      const tasks: Slice[] = [];
      let found: Row | undefined;
      for await (const item of query(keys.job(jobId).pk)) {
        if (item.sk === keys.job(jobId).sk) found = item;
        else if (item.sk !== keys.stopped(jobId).sk)
          (item.task === undefined ? slices : tasks).push(sliceFrom(item));
      }
      if (!found) return undefined;
      const job = jobFrom(found);
      return {
        job,
        slices: slices.filter(({ id }) => roundOf(id) <= (job.rounds ?? 0)),
        tasks,
        settled: (found.settled as Set<string>) ?? new Set(),
      };
    },

    async claim(ref, { now, leaseUntil }): Promise<Claim> {
      const holder = randomUUID();
      const claimed = await update(
        keys.slice(ref),
        'SET #status = :running, leaseUntil = :leaseUntil, holder = :holder ADD claims :one',
        '#status = :queued OR (#status = :running AND leaseUntil < :now)',
        {
          ':running': 'running',
          ':queued': 'queued',
          ':now': now,
          ':leaseUntil': leaseUntil,
          ':holder': holder,
          ':one': 1,
        },
      );
      const row = claimed ?? (await get(keys.slice(ref)));
      if (!row) return { kind: 'missing' };
      const slice = sliceFrom(row);
      // Also ours when the SDK repeated a claim whose answer was lost.
      if (row.holder === holder) return { kind: 'claimed', slice, lease: { ...ref, claim: slice.claims } };
      return isClosed(slice) ? { kind: 'closed', slice } : { kind: 'busy' };
    },

    async renew(lease, leaseUntil) {
      await underLease(lease, 'SET leaseUntil = :leaseUntil', '', { ':leaseUntil': leaseUntil }, isClosed);
    },

    async checkpoint(lease, { part, succeeded, failed, codes, leaseUntil, done }) {
      return underLease(
        lease,
        'SET #status = :status, leaseUntil = :leaseUntil, codes = :codes, parts = list_append(parts, :parts) ADD succeeded :succeeded, failed :failed',
        'NOT contains(parts, :part)',
        {
          ':status': done ? 'done' : 'running',
          ':leaseUntil': leaseUntil,
          ':part': part,
          ':parts': [part],
          ':codes': codes,
          ':succeeded': succeeded,
          ':failed': failed,
        },
        (slice) => slice.parts.includes(part),
      );
    },

    async release(lease, queuedAt, after) {
      await underLease(
        lease,
        'SET #status = :queued, queuedAt = :queuedAt, resends = :none REMOVE leaseUntil ' +
          `ADD ${after} :one`,
        '',
        { ':queued': 'queued', ':queuedAt': queuedAt, ':none': 0, ':one': 1 },
        (slice) => slice.status === 'queued',
      );
    },

    async split(lease, parts) {
      for (const part of parts) await insert(sliceItem(part));
      await underLease(
        lease,
        'SET #status = :split',
        '',
        { ':split': 'split' },
        (slice) => slice.status === 'split',
      );
    },

    async expire(ref, now) {
      const expired = await update(
        keys.slice(ref),
        'SET #status = :queued, queuedAt = :now, resends = :none REMOVE leaseUntil',
        '#status = :running AND leaseUntil < :now',
        { ':running': 'running', ':queued': 'queued', ':now': now, ':none': 0 },
      );
      return expired !== undefined;
    },

    async drop(ref) {
      const closed = await update(keys.slice(ref), 'SET #status = :split', '#status = :queued', {
        ':split': 'split',
        ':queued': 'queued',
      });
      return closed !== undefined || (await slice(ref))?.status === 'split';
    },

    async resent(ref) {
      await update(keys.slice(ref), 'ADD resends :one', '#status = :queued', {
        ':queued': 'queued',
        ':one': 1,
      });
    },

    async settle(settled) {
      const codes = Object.entries(settled.codes ?? {});
      const added = await update(
        keys.job(settled.jobId),
        // An attribute for each code: nothing else can be added to without knowing what is there.
        [
          'ADD succeeded :succeeded, failed :failed, settled :ids',
          ...codes.map((_, n) => `#code${n} :n${n}`),
        ].join(', '),
        // The status only has to exist: that is the job's own existence.
        'attribute_exists(#status) AND NOT contains(settled, :id)',
        {
          ':succeeded': settled.succeeded,
          ':failed': settled.failed,
          ':ids': new Set([settled.id]),
          ':id': settled.id,
          ...Object.fromEntries(codes.map(([, count], n) => [`:n${n}`, count])),
        },
        Object.fromEntries(codes.map(([code], n) => [`#code${n}`, codeAttribute + code])),
      );
      const found = added ? jobFrom(added) : await job(settled.jobId);
      if (!found) throw new SpillwayError('JOB_NOT_FOUND', `There is no job ${settled.jobId}`);
      return { job: found, first: added !== undefined };
    },

    async note(lease, note, leaseUntil, done) {
      await underLease(
        lease,
        'SET note = :note, leaseUntil = :leaseUntil, #status = :status',
        '',
        { ':note': note, ':leaseUntil': leaseUntil, ':status': done ? 'done' : 'running' },
        isClosed,
      );
    },

    async planned(jobId, totalItems, done) {
      await update(
        keys.job(jobId),
        `SET totalItems = :total${done ? ' REMOVE planning' : ''}`,
        'attribute_exists(planning) AND totalItems <= :total',
        { ':total': totalItems },
      );
    },

    async finish(jobId, status, finishedAt, { files, error, finishing = false } = {}) {
      const more =
        (files ? ', files = :files' : '') +
        (error ? ', #error = :error' : '') +
        (finishing ? ', finishing = :finishing' : '');
      const finished = await update(
        keys.job(jobId),
        `SET #status = :status, finishedAt = :finishedAt${more} REMOVE paused, lastError`,
        '#status = :running',
        {
          ':status': status,
          ':finishedAt': finishedAt,
          ':running': 'running',
          ...(files && { ':files': files }),
          ...(error && { ':error': error }),
          ...(finishing && { ':finishing': true }),
        },
      );
      if (!finishing) await forgetUnlessAwaited(jobId, finished);
      return finished !== undefined;
    },

    async woundUp(jobId, files) {
      const done = await update(
        keys.job(jobId),
        files ? 'SET files = :files REMOVE finishing' : 'REMOVE finishing',
        'finishing = :finishing',
        { ':finishing': true, ...(files && { ':files': files }) },
      );
      await forgetUnlessAwaited(jobId, done);
      return done !== undefined;
    },

    forget,

    async pause(jobId, paused) {
      const running = { ':running': 'running' };
      if (paused === undefined) await update(keys.job(jobId), 'REMOVE paused', '#status = :running', running);
      else {
        const since = 'attribute_not_exists(paused) AND #status = :running';
        await update(keys.job(jobId), 'SET paused = :paused', since, { ...running, ':paused': paused });
      }
    },

    async noteTrouble(jobId, trouble) {
      const running = { ':running': 'running' };
      if (!trouble) await update(keys.job(jobId), 'REMOVE lastError', '#status = :running', running);
      else {
        const first = 'attribute_not_exists(lastError) AND #status = :running';
        await update(keys.job(jobId), 'SET lastError = :trouble', first, { ...running, ':trouble': trouble });
      }
    },

    async *unfinished() {
      for await (const item of query(keys.unfinished('').pk)) yield String(item.jobId);
    },

    async learned(name) {
      const found = await get(keys.learned(name));
      return (found?.learned as Learned | undefined) ?? {};
    },

    async saveLearned(name, learned) {
      await put({ ...keys.learned(name), learned });
    },
  };
}

function isReopened(job: Job | undefined, round: number, now: number): boolean {
  return job?.status === 'running' && job.rounds === round && job.resumedAt === now;
}
