import type { JobView } from '../client/contract.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { commandErrors } from './command-errors.ts';
import type { Connection } from './connection.ts';
import { filesOfService } from './download.ts';
import { follow } from './progress.ts';
import type { Session } from './session.ts';
import { type Outcome, type OutcomeOptions, showOutcome } from './show-outcome.ts';
import { downloadTexts } from './texts.ts';

/**
 * Waits for a job's end, downloads its files and prints the result. Throws the job's own error if the job could not be
 * completed, `JOB_HELD` and `NO_SUCH_FILE`.
 */
export async function awaitOutcome(
  { client }: Connection,
  job: JobView,
  options: OutcomeOptions,
  session: Pick<Session, 'signal' | 'suggest'>,
): Promise<Outcome> {
  if (job.held) throw held(job);
  const view = await follow(client, job, process.stderr, options.verbose);
  if (view.held) throw held(view);
  const texts = (output: string) => downloadTexts(client, view, output, session.signal);
  return showOutcome(view, filesOfService(client, view.jobId), options, session, texts);
}

function held({ jobId, heldSince }: JobView): SpillwayError {
  const message = `The job ${jobId} is held since ${heldSince}: it goes on only when it is resumed`;
  return new SpillwayError(commandErrors.JOB_HELD, message, { details: { jobId } });
}
