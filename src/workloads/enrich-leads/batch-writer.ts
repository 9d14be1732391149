import { Postponed, SpillwayError } from '../../core/engine/errors.ts';
import type { Found } from '../../core/http/coalesce.ts';
import { UpstreamError } from '../../core/http/upstream-error.ts';
import type { ItemContext, TakenSlice } from '../../core/jobs/workload.ts';
import type { WorkloadPorts } from '../ports.ts';
import { type BatchNote, type BatchRecord, openRecord } from './batch-record.ts';
import { leadErrors } from './lead-errors.ts';
import { groqAccount } from './upstreams/accounts.ts';
import { type Batch, createGroqBatches, type GroqBatches, hasEnded } from './upstreams/groq-batch.ts';
import type { ChatRequest, Completion } from './upstreams/groq-chat.ts';

/** A row's place among the rows of its slice whose e-mails are written together. */
export interface Seat {
  /** The row's own answer or error once its batch has ended; until then it throws {@link Postponed}. */
  write(request: ChatRequest): Promise<Completion>;
  /** Says that the row is done or needs no e-mail. */
  leave(): void;
}

/**
 * Writes the e-mails of a slice in batches. No worker waits for a batch: the slice is delivered again when it is
 * time to check.
 */
export interface BatchWriter {
  enter(context: ItemContext<unknown>): Seat;
}

interface Asked {
  index: number;
  request: ChatRequest;
  resolve(completion: Completion): void;
  reject(error: unknown): void;
}

/** The rows of a slice in this delivery. */
interface Table {
  /** Rows that have not asked for their e-mail yet. */
  expected: number;
  asked: Asked[];
  /** Allows one conversation about the slice's batches at a time. */
  talking: Promise<void>;
}

/** Rows that enter within this many milliseconds of each other share a batch. */
const quietMs = 100;
/** Time until a batch is checked again, as a share of its age, within these bounds. Milliseconds. */
const lookShare = 0.1;
const soonestLookMs = 5_000;
const latestLookMs = 900_000;

export function createBatchWriter({
  accounts,
  blobs,
  upstreamDeps,
}: Pick<WorkloadPorts, 'accounts' | 'blobs' | 'upstreamDeps'>): BatchWriter {
  const { clock } = upstreamDeps;
  const tables = new WeakMap<TakenSlice, Table>();
  let opened: { batches: GroqBatches; pace: number } | undefined;
  const open = () => {
    if (!opened) {
      const account = accounts.open(groqAccount);
      const batches = createGroqBatches({ ...account, rates: {}, deps: upstreamDeps });
      opened = { batches, pace: account.tuning?.pace ?? 1 };
    }
    return opened;
  };

  const running = (since: number, message: string): Postponed => {
    const age = clock.now() - since;
    const { pace } = open();
    const ms = Math.min(latestLookMs, Math.max(soonestLookMs / pace, lookShare * age));
    return new Postponed(leadErrors.BATCH_RUNNING, message, 'groq-batch', clock.now() + ms);
  };

  /**
   * Sends the rows that have no batch yet. Notes the file before starting its batch, and the batch before anything
   * else.
   */
  const send = async (rows: readonly Asked[], record: BatchRecord, context: ItemContext<unknown>) => {
    const { batches } = open();
    const requests = new Map(rows.map(({ index, request }) => [lineId(index), request]));
    const file = await batches.upload(requests, context);
    const note: BatchNote = { file, since: clock.now(), items: rows.map(({ index }) => index) };
    record.notes.push(note);
    await record.save();
    note.id = (await batches.start(file, context)).id;
    await record.save();
    upstreamDeps.metrics.count('EnrichLeads/Batches', 1);
    context.log.info('enrich-leads: batch sent', {
      ...{ jobId: context.jobId, sliceId: context.slice.id, batchId: note.id, rows: rows.length },
    });
  };

  /** The state of a batch; undefined if Groq does not know it, so that its rows go into a new one. */
  const look = async (note: BatchNote, record: BatchRecord, context: ItemContext<unknown>) => {
    const { batches } = open();
    if (note.id === undefined) {
      const batch = (await batches.find(note.file, context)) ?? (await batches.start(note.file, context));
      note.id = batch.id;
      await record.save();
      return batch;
    }
    try {
      return await batches.look(note.id, context);
    } catch (error) {
      if (isUnknown(error)) return undefined;
      throw error;
    }
  };

  /** Answers the rows of a batch. Returns the rows that need a new one. */
  const answer = async (
    rows: readonly Asked[],
    note: BatchNote,
    record: BatchRecord,
    context: ItemContext<unknown>,
  ): Promise<readonly Asked[]> => {
    const batch = await look(note, record, context);
    if (batch === undefined) {
      record.notes.splice(record.notes.indexOf(note), 1);
      return rows;
    }
    if (!hasEnded(batch)) {
      const { completed, total } = batch.counts;
      throw running(note.since, `The batch ${batch.id} has answered ${completed} of ${total} rows`);
    }
    const results = await open().batches.results(batch, context);
    for (const row of rows) settle(row, results.get(lineId(row.index)) ?? { error: unanswered(batch) });
    return [];
  };

  const talk = async (rows: readonly Asked[], context: ItemContext<unknown>): Promise<void> => {
    const record = await openRecord(blobs, context, context.slice);
    const noteOf = ({ index }: Asked) => record.notes.find(({ items }) => items.includes(index));
    const fresh: Asked[] = [];
    for (const [note, sharing] of Map.groupBy(rows, noteOf)) {
      if (note === undefined) fresh.push(...sharing);
      else await each(sharing, async () => fresh.push(...(await answer(sharing, note, record, context))));
    }
    if (fresh.length === 0) return;
    await each(fresh, async () => {
      await send(fresh, record, context);
      throw running(clock.now(), 'The batch has just been sent');
    });
  };

  /**
   * An error with a batch is an error of its rows. If the store or the connection failed, a batch may have started
   * all the same: the next delivery looks for it.
   */
  const each = async (rows: readonly Asked[], conversation: () => Promise<unknown>): Promise<void> => {
    try {
      await conversation();
    } catch (error) {
      const certain = error instanceof SpillwayError && error.code !== 'OUTCOME_UNKNOWN';
      const told = certain ? error : running(clock.now(), `It is not known how the batch stands: ${error}`);
      for (const row of rows) row.reject(told);
    }
  };

  return {
    enter(context) {
      const table = tables.get(context.slice) ?? { expected: 0, asked: [], talking: Promise.resolve() };
      tables.set(context.slice, table);
      table.expected += 1;
      let counted = true;
      /** Once no more rows are expected, all rows that have asked are served together. */
      const uncount = () => {
        if (!counted) return;
        counted = false;
        table.expected -= 1;
        clock.after(quietMs, () => {
          if (table.expected > 0 || table.asked.length === 0) return;
          const rows = table.asked.splice(0);
          table.talking = table.talking.then(() => each(rows, () => talk(rows, context)));
        });
      };
      return {
        write(request) {
          const { promise, resolve, reject } = Promise.withResolvers<Completion>();
          table.asked.push({ index: context.index, request, resolve, reject });
          uncount();
          return promise;
        },
        leave: uncount,
      };
    },
  };
}

const lineId = (index: number) => `row-${index}`;

function settle({ resolve, reject }: Asked, found: Found<Completion>): void {
  if ('error' in found) reject(found.error);
  else resolve(found.value);
}

function unanswered({ id, status, problems }: Batch): UpstreamError {
  const message =
    `groq-batch: ${id} is ${status} without an answer for this row. ${problems.join(' ')}`.trim();
  return new UpstreamError('UPSTREAM_FAILED', message, {
    details: { upstream: 'groq-batch' },
  });
}

/** True if Groq no longer knows the batch: it keeps batches for a limited time. */
function isUnknown(error: unknown): boolean {
  const details = error instanceof UpstreamError ? (error.details as { status?: number }) : {};
  return details.status === 404;
}
