import { causesOf } from '../../engine/errors.ts';
import type { Job, JobState } from '../model/job.ts';
import { jobErrors } from '../model/job-errors.ts';
import type { JobsContext } from '../model/jobs-context.ts';
import { type NoticeNote, noticeId, sentId } from '../model/notice.ts';
import type { Reception } from '../model/ports.ts';
import { noticePauses } from '../model/retry-policy.ts';
import type { ClaimedTask, Task } from '../model/slice.ts';
import { isClosed, newTask } from '../model/slice.ts';
import { handOn } from '../slices/hand-on.ts';
import { holdLease, LeaseLost, underLease } from '../slices/hold-lease.ts';
import { sendMessages } from '../slices/messages.ts';
import { viewOf } from '../views/view.ts';

/** 410 Gone: the receiver wants no more notices. */
const gone = 410;

/**
 * Queues the notice of a job's end, if the job has a webhook. Called right after the end. Never throws, so as not to
 * hold up an ended job: if this fails, the sweeper queues the notice.
 */
export async function tellEnd(jobs: JobsContext, { id, webhook }: Job): Promise<void> {
  if (!webhook) return;
  try {
    const state = await jobs.ledger.state(id);
    if (state) await ensureNotice(jobs, state);
  } catch (error) {
    jobs.log.error('notice not queued', { jobId: id, error: causesOf(error) });
  }
}

/** The unsent notices of an ended job. Creates the notice of its last end if it is missing. */
export async function openNotices(jobs: JobsContext, state: JobState): Promise<Task[]> {
  await ensureNotice(jobs, state);
  return state.tasks.filter((task) => task.task === 'notify' && !isClosed(task));
}

/** Records and queues the notice of an ended job, once, however often it is called. */
export async function ensureNotice(jobs: JobsContext, state: JobState): Promise<void> {
  const { ledger, clock } = jobs;
  const { job, tasks } = state;
  const id = noticeId(job);
  const goesOn = job.status === 'running' || job.finishing;
  if (!job.webhook || goesOn || tasks.some((task) => task.id === id)) return;
  const note: NoticeNote = { body: bodyOf(state, clock.now()) };
  const task = newTask({ jobId: job.id, id, task: 'notify', note }, clock.now());
  await ledger.add([task]);
  tasks.push(task);
  await sendMessages(jobs, job, [id]);
}

function bodyOf(state: JobState, now: number): string {
  const data = viewOf(state, now);
  return JSON.stringify({ type: `job.${data.status}`, timestamp: data.finishedAt, data });
}

/** Tries once to send a notice. A failed try is repeated through the queue, after longer and longer pauses. */
export async function notify(jobs: JobsContext, job: Job, { task, lease }: ClaimedTask): Promise<void> {
  const { ledger, clock, log, metrics, notifier } = jobs;
  const { body = '' } = task.note as NoticeNote;
  const hold = holdLease(jobs, lease);
  try {
    const reception: Reception =
      notifier && job.webhook
        ? await notifier.send({
            url: job.webhook.url,
            tenant: job.tenant,
            id: sentId(task),
            body,
            at: clock.now(),
          })
        : { error: jobErrors.WEBHOOKS_NOT_CONFIGURED.code, final: false };
    await hold.stop();
    const last = 'status' in reception ? { lastStatus: reception.status } : { lastError: reception.error };
    const line = { jobId: job.id, notice: task.id, attempt: task.claims, ...last };
    const outcome = outcomeOf(reception, task.claims);
    if (outcome) {
      underLease(lease, await ledger.note(lease, { ...last, outcome }, clock.now(), true));
      log[outcome === 'delivered' ? 'info' : 'warn'](`webhook ${outcome}`, line);
      metrics.count(outcome === 'delivered' ? 'WebhooksDelivered' : 'WebhooksFailed', 1);
      return;
    }
    const delaySeconds = noticePauses[task.claims - 1] ?? 0;
    const until = clock.now() + jobs.settings.leaseMs;
    underLease(lease, await ledger.note(lease, { body, ...last }, until, false));
    await handOn(jobs, job, lease, 'waits', delaySeconds);
    log.info('webhook not delivered yet', { ...line, delaySeconds });
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    log.warn('notice lost to another worker', { ...lease });
  } finally {
    await hold.stop();
  }
}

function outcomeOf(reception: Reception, tries: number): NoticeNote['outcome'] {
  if ('status' in reception && reception.status >= 200 && reception.status < 300) return 'delivered';
  const refused = 'status' in reception ? reception.status === gone : reception.final;
  return refused || tries > noticePauses.length ? 'failed' : undefined;
}

/** Gives up a notice that the queue could not deliver. */
export async function giveUpNotice(
  { ledger, clock, log }: JobsContext,
  { task, lease }: ClaimedTask,
): Promise<void> {
  const { body: _, ...last } = task.note as NoticeNote;
  const note: NoticeNote = { ...last, lastError: jobErrors.NOT_DELIVERED.code, outcome: 'failed' };
  underLease(lease, await ledger.note(lease, note, clock.now(), true));
  log.error('webhook given up', { ...lease });
}
