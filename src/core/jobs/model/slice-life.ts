import type { ErrorCodes, Slice, Task } from './slice.ts';
import { isClosed } from './slice.ts';

/**
 * The life of a slice or a task:
 *
 *     queued ──claim──▶ running ──checkpoint(done), note(done)──▶ done
 *       ▲  │              │ │ ╰──────────────split──────────────▶ split
 *       │  │              │ ╰─ renew, checkpoint, note: it stays so
 *       │  ╰──drop──▶ dropped
 *       ╰───── release, expire ─────╯
 *
 * Each transition takes a record and an event, and returns the new record or says why not. Nothing is changed in place.
 * A transition that the same claim has already made returns the record as it is: callers repeat a call if they did not
 * get its answer. `src/memory` applies these functions; `src/aws` says the same in conditional expressions.
 */
export type Change<Record> = { to: Record } | { refused: Refusal };

/**
 * Why a transition was refused. `missing`: there is no such record. `busy`: another worker holds it. `closed`: nothing
 * is left to do. `lease-lost`: a newer claim exists, or the lease is over. `not-due`: the record is not in a state that
 * allows the event.
 */
export type Refusal = 'missing' | 'busy' | 'closed' | 'lease-lost' | 'not-due';

const refused = (refusal: Refusal) => ({ refused: refusal });

/** Times are epoch milliseconds; `holder` is unique to this claim. */
export interface ClaimEvent {
  now: number;
  leaseUntil: number;
  holder: string;
}

/** A worker claims it: allowed if it is queued, or if its holder let the lease run out. */
export function claim<Work extends Slice | Task>(work: Work, event: ClaimEvent): Change<Work> {
  const { now, leaseUntil, holder } = event;
  if (work.status === 'running' && work.holder === holder) return { to: work };
  if (isClosed(work)) return refused('closed');
  if (work.status === 'running' && work.leaseUntil >= now) return refused('busy');
  const crashes = work.crashes + (work.status === 'running' ? 1 : 0);
  return { to: { ...work, status: 'running', leaseUntil, holder, claims: work.claims + 1, crashes } };
}

/** The holder extends its lease. */
export function renew<Work extends Slice | Task>(
  work: Work,
  event: { claim: number; leaseUntil: number },
): Change<Work> {
  if (isHeld(work, event)) return { to: { ...work, leaseUntil: event.leaseUntil } };
  return repeated(work, event, isClosed(work));
}

/** What a checkpoint adds to a slice. */
export interface Checkpoint {
  /** Name of the object that holds the new outcomes. A part that the slice already has changes nothing. */
  part: string;
  succeeded: number;
  failed: number;
  /** All of the slice's failures so far. */
  codes: ErrorCodes;
  /** New successes that need review. Absent if the workload asks for none. */
  review?: number;
  /** Epoch milliseconds. */
  leaseUntil: number;
  /** Every item of the slice has its outcome now. */
  done: boolean;
}

/** Records outcomes. */
export function checkpoint(slice: Slice, event: { claim: number } & Checkpoint): Change<Slice> {
  const { part, succeeded, failed, codes, review, leaseUntil, done } = event;
  if (!isHeld(slice, event) || slice.parts.includes(part))
    return repeated(slice, event, slice.parts.includes(part));
  const counted = {
    ...slice,
    parts: [...slice.parts, part],
    succeeded: slice.succeeded + succeeded,
    failed: slice.failed + failed,
    codes,
    ...(review !== undefined && { review: (slice.review ?? 0) + review }),
    crashes: 0,
  };
  return { to: done ? closed<Slice>(counted, 'done') : { ...counted, leaseUntil } };
}

/** Why the holder releases it: its budget is over, it must wait for something, or it failed for an unknown reason. */
export type After = 'hops' | 'waits' | 'crashes';

/** The holder puts it back into the queue, for delivery at `queuedAt` (epoch milliseconds). */
export function release<Work extends Slice | Task>(
  work: Work,
  event: { claim: number; queuedAt: number; after: After },
): Change<Work> {
  const { queuedAt, after } = event;
  if (!isHeld(work, event)) return repeated(work, event, work.status === 'queued');
  return { to: queued({ ...work, [after]: work[after] + 1 }, queuedAt) };
}

/** The rest of its items has gone to smaller slices, which exist by now. */
export function split(slice: Slice, event: { claim: number }): Change<Slice> {
  if (!isHeld(slice, event)) return repeated(slice, event, slice.status === 'split');
  return { to: closed<Slice>(slice, 'split') };
}

/** A task stores its progress or, without a note, only extends its lease; `done` closes it. */
export function note(
  task: Task,
  event: { claim: number; note: unknown; leaseUntil: number; done: boolean },
): Change<Task> {
  if (!isHeld(task, event)) return repeated(task, event, isClosed(task));
  const noted = { ...task, ...(event.note !== undefined && { note: event.note }), crashes: 0 };
  return { to: event.done ? closed<Task>(noted, 'done') : { ...noted, leaseUntil: event.leaseUntil } };
}

/** The sweeper requeues it after its lease has run out. */
export function expire<Work extends Slice | Task>(work: Work, event: { now: number }): Change<Work> {
  if (work.status !== 'running' || work.leaseUntil >= event.now) return refused('not-due');
  return { to: queued({ ...work, crashes: work.crashes + 1 }, event.now) };
}

/** Closes it: other slices do the rest of its work. */
export function drop(slice: Slice): Change<Slice> {
  if (slice.status === 'queued') return { to: closed<Slice>(slice, 'dropped') };
  return slice.status === 'dropped' ? { to: slice } : refused('not-due');
}

/** The sweeper has resent its message. */
export function resend<Work extends Slice | Task>(work: Work): Change<Work> {
  return work.status === 'queued' ? { to: { ...work, resends: work.resends + 1 } } : refused('not-due');
}

type Held<Work> = Work & { status: 'running' };

const isHeld = <Work extends Slice | Task>(work: Work, event: { claim: number }): work is Held<Work> =>
  work.status === 'running' && work.claims === event.claim;

/** The answer to an event that this claim may have made before: accepted if `isSo`. */
function repeated<Work extends Slice | Task>(
  work: Work,
  event: { claim: number },
  isSo: boolean,
): Change<Work> {
  return work.claims === event.claim && isSo ? { to: work } : refused('lease-lost');
}

/** Removes the fields that only running work has. */
function queued<Work extends Slice | Task>(work: Work, queuedAt: number): Work {
  const { leaseUntil: _, holder: __, ...rest } = work as Held<Work>;
  return { ...rest, status: 'queued', queuedAt, resends: 0 } as unknown as Work;
}

function closed<Work extends Slice | Task>(work: Work, status: Work['status']): Work {
  const { leaseUntil: _, holder: __, ...rest } = work as Held<Work>;
  return { ...rest, status } as unknown as Work;
}
