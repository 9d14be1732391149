import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { SpillwayError } from '../core/engine/errors.ts';
import type { Job } from '../core/jobs/model/job.ts';
import { jobErrors } from '../core/jobs/model/job-errors.ts';
import * as life from '../core/jobs/model/job-life.ts';
import type { JobRecords } from '../core/jobs/model/ledger.ts';
import { isTask, roundOf, type Slice, type Task } from '../core/jobs/model/slice.ts';
import {
  codeAttribute,
  jobFrom,
  jobItem,
  jobRecordFrom,
  keys,
  stoppedItem,
  tenantItem,
  unfinishedItem,
  workFrom,
  workItem,
} from './ledger-items.ts';
import { openTable, type Row } from './table.ts';

/** {@link JobRecords} in DynamoDB: the transitions of `job-life.ts` as conditional updates. */
export function dynamoJobs(dynamo: DynamoDBDocumentClient, table: string): JobRecords {
  const { get, query, latest, update, insert, insertAll, put, remove } = openTable(dynamo, table);

  const job = async (jobId: string) => {
    const found = await get(keys.job(jobId));
    return found && jobFrom(found);
  };

  const forget = (jobId: string) => remove(keys.unfinished(jobId));

  /** A job with a webhook stays listed until the sweeper finds that its notice was sent. */
  const forgetUnlessAwaited = async (jobId: string, row: Row | undefined) => {
    const ended = row ?? (await get(keys.job(jobId)));
    if (ended?.webhook === undefined) await forget(jobId);
  };

  return {
    job,
    forget,

    async create(job, work) {
      // List the job first: the sweeper removes an entry without a job, but would never find a job without an entry.
      await insertAll([...work.map(workItem), unfinishedItem(job.id), tenantItem(job)]);
      await insert(jobItem(job));
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

    async stop(jobId, round, now) {
      await put(stoppedItem(jobId, round, now));
    },

    async isStopped(jobId, round) {
      const found = await get(keys.stopped(jobId));
      return found !== undefined && Number(found.round) >= round;
    },

    async reopen(jobId, round, now, session) {
      await put(unfinishedItem(jobId));
      const by = randomUUID();
      const before = await job(jobId);
      const codes = Object.keys(before?.codes ?? {});
      const reopened = await update(
        keys.job(jobId),
        'SET #status = :running, failed = :none, rounds = :round, resumedAt = :now, reopenedBy = :by, marks = :marks, markedAt = :now' +
          (session === undefined ? '' : ', #owner = :owner') +
          ` REMOVE ${['finishedAt', '#error', 'leftOpen', ...(session === undefined ? ['#owner'] : []), ...codes.map((_, n) => `#code${n}`)].join(', ')}`,
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
          ':by': by,
          ':marks': [{ at: now, done: before?.succeeded ?? 0 }],
          ...(session !== undefined && { ':owner': { session, seenAt: now } }),
        },
        Object.fromEntries(codes.map((code, n) => [`#code${n}`, codeAttribute + code])),
      );
      // The condition also fails if the SDK repeated this call after its answer was lost.
      const isOpen = reopened !== undefined || isReopened(await job(jobId), { round, now, by, session });
      // Again: a sweep may have removed the entry before the job ran again.
      if (isOpen) await put(unfinishedItem(jobId));
      return isOpen;
    },

    async attend(jobId, session, now) {
      await update(
        keys.job(jobId),
        'SET #owner = :owner',
        '#status = :running AND #owner.#session = :session',
        { ':running': 'running', ':session': session, ':owner': { session, seenAt: now } },
        { '#session': 'session' },
      );
    },

    async hold(jobId, now) {
      const held = await update(keys.job(jobId), 'SET #owner = :owner', '#status = :running', {
        ':running': 'running',
        ':owner': { session: '', seenAt: now },
      });
      return held !== undefined;
    },

    async resume(jobId, now, session, adjustment) {
      const sets = {
        resumedAt: now,
        ...(session !== undefined && { owner: { session, seenAt: now } }),
        ...adjustment,
      };
      const names = Object.keys(sets);
      const resumed = await update(
        keys.job(jobId),
        `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}${session === undefined ? ' REMOVE #owner' : ''}`,
        '#status = :running',
        {
          ':running': 'running',
          ...Object.fromEntries(Object.entries(sets).map(([name, value]) => [`:${name}`, value])),
        },
        Object.fromEntries(names.map((name) => [`#${name}`, name])),
      );
      return resumed !== undefined;
    },

    async extend(jobId, now, session, source) {
      await put(unfinishedItem(jobId));
      const extended = await update(
        keys.job(jobId),
        'SET #status = :running, #source = :source, planning = :true, resumedAt = :now' +
          (session === undefined ? '' : ', #owner = :owner') +
          ` REMOVE finishedAt, #error${session === undefined ? ', #owner' : ''} ADD rewrites :one`,
        '#status IN (:running, :completed, :partial, :failed) AND attribute_exists(#source) ' +
          'AND attribute_not_exists(planning) AND attribute_not_exists(finishing)',
        {
          ':running': 'running',
          ':completed': 'completed',
          ':partial': 'partial',
          ':failed': 'failed',
          ':source': source,
          ':true': true,
          ':now': now,
          ':one': 1,
          ...(session !== undefined && { ':owner': { session, seenAt: now } }),
        },
        { '#source': 'source' },
      );
      return extended !== undefined;
    },

    async rewrite(jobId, output) {
      await put(unfinishedItem(jobId));
      const begun = await update(
        keys.job(jobId),
        'SET #output = :output, finishing = :finishing ADD rewrites :one',
        '#status IN (:completed, :partial, :failed, :cancelled) AND attribute_not_exists(finishing) AND attribute_exists(#output)',
        {
          ':output': output,
          ':finishing': true,
          ':one': 1,
          ':completed': 'completed',
          ':partial': 'partial',
          ':failed': 'failed',
          ':cancelled': 'cancelled',
        },
        { '#output': 'output' },
      );
      return begun !== undefined;
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
      const tasks: Task[] = [];
      let found: Row | undefined;
      for await (const item of query(keys.job(jobId).pk)) {
        if (item.sk === keys.job(jobId).sk) found = item;
        else if (item.sk !== keys.stopped(jobId).sk) {
          const work = workFrom(item);
          if (isTask(work)) tasks.push(work);
          else slices.push(work);
        }
      }
      if (!found) return undefined;
      const { job, settled } = jobRecordFrom(found);
      return { job, slices: slices.filter(({ id }) => roundOf(id) <= (job.rounds ?? 0)), tasks, settled };
    },

    async settle(settled) {
      const codes = Object.entries(settled.codes ?? {});
      const added = await update(
        keys.job(settled.jobId),
        // One attribute per code: only a top-level attribute can be added to without knowing whether it exists.
        [
          'ADD succeeded :succeeded, failed :failed, settled :ids',
          ...codes.map((_, n) => `#code${n} :n${n}`),
        ].join(', '),
        // The status exists if and only if the job does.
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
      if (!found) throw new SpillwayError(jobErrors.JOB_NOT_FOUND, `There is no job ${settled.jobId}`);
      return { job: found, first: added !== undefined };
    },

    async plan(jobId, totalItems, done, warnings) {
      await update(
        keys.job(jobId),
        `SET totalItems = :total${warnings ? ', warnings = :warnings' : ''}${done ? ' REMOVE planning' : ''}`,
        'attribute_exists(planning) AND totalItems <= :total',
        { ':total': totalItems, ...(warnings && { ':warnings': warnings }) },
      );
    },

    async finish(jobId, { status, finishedAt, files, error, finishing = false }) {
      const more =
        (files ? ', files = :files' : '') +
        (error ? ', #error = :error' : '') +
        (finishing ? ', finishing = :finishing' : '');
      const finished = await update(
        keys.job(jobId),
        `SET #status = :status, finishedAt = :finishedAt${more} REMOVE waitingFor, lastError`,
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

    async windUp(jobId, { files, leftOpen }) {
      const kept = [...(files ? ['files = :files'] : []), ...(leftOpen ? ['leftOpen = :open'] : [])].join(
        ', ',
      );
      const done = await update(
        keys.job(jobId),
        `${kept && `SET ${kept} `}REMOVE finishing`,
        'finishing = :finishing',
        { ':finishing': true, ...(files && { ':files': files }), ...(leftOpen && { ':open': leftOpen }) },
      );
      await forgetUnlessAwaited(jobId, done);
      return done !== undefined;
    },

    async waitFor(jobId, wait) {
      const running = { ':running': 'running' };
      if (!wait) {
        await update(keys.job(jobId), 'REMOVE waitingFor', '#status = :running', running);
        return;
      }
      const isDown = wait.kind === 'upstream';
      const free = `attribute_not_exists(waitingFor)${isDown ? ' OR waitingFor.kind <> :kind' : ''}`;
      await update(keys.job(jobId), 'SET waitingFor = :wait', `#status = :running AND (${free})`, {
        ...running,
        ':wait': wait,
        ...(isDown && { ':kind': wait.kind }),
      });
    },

    async noteTrouble(jobId, trouble) {
      const running = { ':running': 'running' };
      if (!trouble) {
        await update(keys.job(jobId), 'REMOVE lastError', '#status = :running', running);
        return;
      }
      const { code, message, count } = trouble;
      const added = await update(
        keys.job(jobId),
        'SET lastError.#count = lastError.#count + :count, lastError.#message = :message',
        '#status = :running AND lastError.#code = :code AND attribute_exists(lastError.#count)',
        { ...running, ':code': code, ':message': message, ':count': count },
        { '#code': 'code', '#message': 'message', '#count': 'count' },
      );
      if (added) return;
      await update(keys.job(jobId), 'SET lastError = :trouble', '#status = :running', {
        ...running,
        ':trouble': trouble,
      });
    },

    async *unfinished() {
      for await (const item of query(keys.unfinished('').pk)) yield String(item.jobId);
    },
  };
}

/** Whether a call that the SDK repeated, because its answer was lost, has reopened the job. */
function isReopened(
  job: Job | undefined,
  event: { round: number; now: number; by: string; session: string | undefined },
): boolean {
  if (!job) return false;
  const again = life.reopen(job, event);
  return 'to' in again && again.to === job;
}
