import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { SpillwayError } from '../core/engine/errors.ts';
import type { SliceRecords } from '../core/jobs/model/ledger.ts';
import { portErrors } from '../core/jobs/model/port-errors.ts';
import { isTask, type Slice, type SliceRef, type Task } from '../core/jobs/model/slice.ts';
import * as life from '../core/jobs/model/slice-life.ts';
import { keys, workFrom, workItem } from './ledger-items.ts';
import { openTable, type Row } from './table.ts';

/** Concurrent writes of records. */
const insertsAtOnce = 25;
/** Tries on a record that other workers change at the same time. */
const mostTries = 10;

/** A transition as a DynamoDB update. */
interface Update {
  expression: string;
  condition: string;
  values: Row;
}

/**
 * {@link SliceRecords} in DynamoDB: the transitions of `slice-life.ts` as conditional updates. If a condition does not
 * hold, the pure transition, applied to the current record, says why; or it finds that the update was already made: the
 * SDK repeats a call whose answer was lost.
 */
export function dynamoSlices(dynamo: DynamoDBDocumentClient, table: string): SliceRecords {
  const { get, startingWith, update, insert } = openTable(dynamo, table);

  const read = async (ref: SliceRef) => {
    const row = await get(keys.slice(ref));
    return row && workFrom(row);
  };

  const change = async <Work extends Slice | Task>(
    ref: SliceRef,
    { expression, condition, values }: Update,
    transition: (work: Work) => life.Change<Work>,
  ): Promise<life.Change<Work>> => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const updated = await update(keys.slice(ref), expression, condition, values);
      if (updated) return { to: workFrom(updated) as Work };
      const current = (await read(ref)) as Work | undefined;
      if (!current) return { refused: 'missing' };
      const outcome = transition(current);
      if ('refused' in outcome || outcome.to === current) return outcome;
      // Another worker changed the record in between: the transition is possible now, so try again.
    }
    throw new SpillwayError(
      portErrors.RECORD_CONTENDED,
      `Too many workers change ${ref.sliceId} of ${ref.jobId} at the same time`,
    );
  };

  const held = '#status = :running AND claims = :claim';
  const holding = (claim: number) => ({ ':running': 'running', ':claim': claim });
  const done = (isDone: boolean) => (isDone ? 'done' : 'running');

  return {
    async slice(ref) {
      const found = await read(ref);
      return found && !isTask(found) ? found : undefined;
    },

    async family(jobId, rootId) {
      const { pk, sk } = keys.slice({ jobId, sliceId: rootId });
      const found: Slice[] = [];
      for await (const item of startingWith(pk, sk)) found.push(workFrom(item) as Slice);
      return found;
    },

    async add(work) {
      // One by one: a batch has no conditions, so it would overwrite a slice that already runs.
      const limit = pLimit(insertsAtOnce);
      await Promise.all(work.map((one) => limit(insert, workItem(one))));
    },

    async claim(ref, { now, leaseUntil }) {
      const holder = randomUUID();
      const take = 'SET #status = :running, leaseUntil = :leaseUntil, holder = :holder ADD claims :one';
      const values = { ':running': 'running', ':leaseUntil': leaseUntil, ':holder': holder, ':one': 1 };
      const transition = (work: Slice | Task) => life.claim(work, { now, leaseUntil, holder });
      const row = await update(keys.slice(ref), take, '#status = :queued', {
        ...values,
        ':queued': 'queued',
      });
      const claimed: life.Change<Slice | Task> = row
        ? { to: workFrom(row) }
        : await change(
            ref,
            {
              // Its previous holder has vanished.
              expression: `${take}, crashes :one`,
              condition: '#status = :running AND leaseUntil < :now',
              values: { ...values, ':now': now },
            },
            transition,
          );
      if ('to' in claimed) {
        const work = claimed.to;
        const lease = { ...ref, claim: work.claims };
        return isTask(work) ? { kind: 'task', task: work, lease } : { kind: 'slice', slice: work, lease };
      }
      if (claimed.refused !== 'closed') return { kind: claimed.refused === 'missing' ? 'missing' : 'busy' };
      const work = await read(ref);
      return work ? { kind: 'closed', work } : { kind: 'missing' };
    },

    renew: (lease, leaseUntil) =>
      change(
        lease,
        {
          expression: 'SET leaseUntil = :leaseUntil',
          condition: held,
          values: { ...holding(lease.claim), ':leaseUntil': leaseUntil },
        },
        (work) => life.renew(work, { claim: lease.claim, leaseUntil }),
      ),

    checkpoint: (lease, event) =>
      change<Slice>(
        lease,
        {
          expression:
            'SET #status = :status, leaseUntil = :leaseUntil, codes = :codes, crashes = :none, parts = list_append(parts, :parts) ' +
            `ADD succeeded :succeeded, failed :failed${event.review === undefined ? '' : ', review :review'}`,
          condition: `${held} AND NOT contains(parts, :part)`,
          values: {
            ...holding(lease.claim),
            ':status': done(event.done),
            ':leaseUntil': event.leaseUntil,
            ':part': event.part,
            ':parts': [event.part],
            ':codes': event.codes,
            ':none': 0,
            ':succeeded': event.succeeded,
            ':failed': event.failed,
            ...(event.review !== undefined && { ':review': event.review }),
          },
        },
        (slice) => life.checkpoint(slice, { claim: lease.claim, ...event }),
      ),

    release: (lease, queuedAt, after) =>
      change(
        lease,
        {
          expression: `SET #status = :queued, queuedAt = :queuedAt, resends = :none REMOVE leaseUntil ADD ${after} :one`,
          condition: held,
          values: {
            ...holding(lease.claim),
            ':queued': 'queued',
            ':queuedAt': queuedAt,
            ':none': 0,
            ':one': 1,
          },
        },
        (work) => life.release(work, { claim: lease.claim, queuedAt, after }),
      ),

    async split(lease, parts) {
      for (const part of parts) await insert(workItem(part));
      return change<Slice>(
        lease,
        {
          expression: 'SET #status = :split',
          condition: held,
          values: { ...holding(lease.claim), ':split': 'split' },
        },
        (slice) => life.split(slice, lease),
      );
    },

    note: (lease, note, leaseUntil, isDone) =>
      change<Task>(
        lease,
        {
          expression:
            'SET leaseUntil = :leaseUntil, #status = :status, crashes = :none' +
            (note === undefined ? '' : ', note = :note'),
          condition: held,
          values: {
            ...holding(lease.claim),
            ...(note !== undefined && { ':note': note }),
            ':none': 0,
            ':leaseUntil': leaseUntil,
            ':status': done(isDone),
          },
        },
        (task) => life.note(task, { claim: lease.claim, note, leaseUntil, done: isDone }),
      ),

    expire: (ref, now) =>
      change(
        ref,
        {
          expression:
            'SET #status = :queued, queuedAt = :now, resends = :none REMOVE leaseUntil ADD crashes :one',
          condition: '#status = :running AND leaseUntil < :now',
          values: { ':running': 'running', ':queued': 'queued', ':now': now, ':none': 0, ':one': 1 },
        },
        (work) => life.expire(work, { now }),
      ),

    drop: (ref) =>
      change(
        ref,
        {
          expression: 'SET #status = :dropped',
          condition: '#status = :queued',
          values: { ':dropped': 'dropped', ':queued': 'queued' },
        },
        life.drop,
      ),

    resend: (ref) =>
      change(
        ref,
        {
          expression: 'ADD resends :one',
          condition: '#status = :queued',
          values: { ':queued': 'queued', ':one': 1 },
        },
        life.resend,
      ),
  };
}
