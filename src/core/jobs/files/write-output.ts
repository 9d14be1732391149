import type { Failure } from '../../engine/errors.ts';
import type { Position } from '../../formats/position.ts';
import type { Warning } from '../../formats/warning.ts';
import type { Invocation } from '../model/invocation.ts';
import { type Job, type JobOutput, type JobState, openCounts, progressOf, totalOf } from '../model/job.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { windUpPause } from '../model/retry-policy.ts';
import type { ClaimedTask, Lease, Task } from '../model/slice.ts';
import { tellEnd } from '../notices/notify.ts';
import { handOn } from '../slices/hand-on.ts';
import { holdLease, underLease } from '../slices/hold-lease.ts';
import { endJob } from '../slices/settle.ts';
import { type Family, familiesIn, type Wanted } from './outcome-rows.ts';
import { type OutputFile, type Writing, writeOutputFile } from './output-file.ts';
import { gatherSummary } from './summary.ts';

/** Writing stops this many milliseconds before the budget ends. */
const reserveMs = 1_000;

type Files = NonNullable<Job['files']>;

/** Progress of `write-output`: the finished files, and how much of the next. */
interface Note {
  files: Files;
  writing?: Writing;
  /** What its user should know of the finished files. */
  warnings?: readonly Warning[];
}

/**
 * Writes a job's files from the outcomes of its slices, in the order of the items, then ends the job. Failed and
 * cancelled items keep their place, with the reason after their own columns. Failed items also go into an errors file
 * in the input's format and compression, ready to be submitted again. For a stopped job, waits until no worker holds
 * any of its work. When its budget ends, the task hands itself on with what is written. It ends the job exactly once:
 * under the lease, with a conditional update.
 */
export async function writeOutput(
  jobs: JobsContext,
  invocation: Invocation,
  job: Job,
  { task, lease }: ClaimedTask,
): Promise<void> {
  const { ledger, clock, log, settings } = jobs;
  const state = await ledger.state(job.id);
  if (!state) return;
  if (state.job.finishing && (await isAtWork(jobs, state)))
    return handOn(jobs, job, lease, 'waits', windUpPause);
  if (state.job.planning) await correctTotal(jobs, state);
  const hold = holdLease(jobs, lease);
  try {
    let note: Note = (task.note as Note | undefined) ?? { files: {} };
    const save = async (changed: Note) => {
      note = changed;
      underLease(lease, await ledger.note(lease, note, clock.now() + settings.leaseMs, false));
    };
    const summary = gatherSummary(jobs, state.job);
    const sum = (family: Family) => {
      for (const one of family.items) if (one.status !== 'cancelled') summary.add(one);
    };
    // Summarize while writing the output, not in a separate pass, unless an earlier worker wrote some of it.
    const sumAlong = state.job.output !== undefined && task.note === undefined;
    for (const { name, type, wanted } of filesOf(state)) {
      if (note.files[name] !== undefined) continue;
      const seen: Wanted = (family) => {
        if (sumAlong && name === 'output') sum(family);
        return wanted(family);
      };
      const written = await writeOutputFile(jobs, state, { name, type, wanted: seen }, note.writing, {
        lost: hold.lost,
        save: (writing) => save({ ...note, writing }),
        mayGoOn: () => clock.now() < invocation.stopAt - reserveMs,
      });
      if (written === undefined) {
        await hold.stop();
        await handOn(jobs, job, lease, 'hops', 0);
        log.info('writing of files handed on', { jobId: job.id, file: name, rows: note.writing?.rows });
        return;
      }
      const { key } = written;
      const warnings = [...(note.warnings ?? []), ...written.warnings];
      await save({ files: { ...note.files, [name]: key }, ...(warnings.length > 0 && { warnings }) });
    }
    if (summary.wanted && !sumAlong) {
      for await (const family of familiesIn(jobs, state, hold.lost)) sum(family);
    }
    const summaryKey = await summary.write();
    const files = { ...note.files, ...(summaryKey !== undefined && { summary: summaryKey }) };
    const stale = state.job.files?.errors;
    // Left from an earlier round that had failures.
    if (stale !== undefined && files.errors === undefined) await jobs.blobs.delete([stale]);
    await hold.stop();
    // End the job before the task: if the worker died in between, the reverse would leave a job that never ends.
    const ended = !state.job.finishing && (await endJob(jobs, state.job, files));
    // Also for a job that was cancelled while its files were being written.
    if (!ended) {
      await ledger.windUp(job.id, { files, leftOpen: openCounts(state) });
      await tellEnd(jobs, job);
    }
    underLease(
      lease,
      await ledger.note(lease, note.warnings ? { warnings: note.warnings } : {}, clock.now(), true),
    );
  } finally {
    await hold.stop();
  }
}

/** Ends a job without its files, with the reason. Its outcomes stay, and a retry writes the files again. */
export async function giveUpOutput(
  jobs: JobsContext,
  before: Job,
  lease: Lease,
  error: Failure,
): Promise<void> {
  const { ledger, clock, log } = jobs;
  const job = (await ledger.job(before.id)) ?? before;
  const ended = job.finishing
    ? await ledger.windUp(job.id, { ...(job.files && { files: job.files }), ...(await leftOpen(jobs, job)) })
    : await ledger.finish(job.id, { status: 'cancelled', finishedAt: clock.now(), error });
  if (ended) {
    log.error('files given up', { jobId: job.id, failure: error });
    await tellEnd(jobs, job);
  }
  underLease(lease, await ledger.note(lease, {}, clock.now(), true));
}

async function leftOpen({ ledger }: JobsContext, { id }: Job): Promise<Pick<Job, 'leftOpen'>> {
  const state = await ledger.state(id);
  return state ? { leftOpen: openCounts(state) } : {};
}

/** The files to write: none for a job without an output. */
function filesOf(state: JobState): OutputFile[] {
  const { output } = state.job;
  if (output === undefined) return [];
  const all: OutputFile = { name: 'output', type: output, wanted: ({ items }) => items };
  if (progressOf(state).failed === 0) return [all];
  const failed: Wanted = ({ items }) => items.filter(({ status }) => status === 'failed');
  return [all, { name: 'errors', type: { ...output, ...inputType(state) }, wanted: failed }];
}

/** Whether any worker may still record something. Requeues the work of workers that have vanished. */
async function isAtWork({ ledger, clock }: JobsContext, { slices, tasks }: JobState): Promise<boolean> {
  let held = 0;
  for (const work of [...slices, ...tasks.filter(isPlan)]) {
    if (work.status !== 'running') continue;
    const now = clock.now();
    const gone =
      work.leaseUntil < now && 'to' in (await ledger.expire({ jobId: work.jobId, sliceId: work.id }, now));
    if (!gone) held += 1;
  }
  return held > 0;
}

/** Corrects the total: a worker may have died after it added a slice, but before it added the slice's items. */
async function correctTotal({ ledger }: JobsContext, state: JobState): Promise<void> {
  const { job } = state;
  job.totalItems = totalOf(state);
  await ledger.plan(job.id, job.totalItems, false);
}

const isPlan = ({ task }: Task) => task === 'split-source';

/** The input's format and compression, as `split-source` found them. */
function inputType({ tasks }: JobState): Pick<JobOutput, 'format' | 'gzip'> | undefined {
  const note = tasks.find(isPlan)?.note as { position?: Position } | undefined;
  if (!note?.position) return undefined;
  const { format, gzip } = note.position;
  return { format, gzip: gzip && format !== 'xlsx' };
}
