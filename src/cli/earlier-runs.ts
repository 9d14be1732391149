import type { Client } from '../client/client.ts';
import { reasonOf } from '../client/reason.ts';
import { type Learned, learn, nothingLearned } from '../core/engine/learned.ts';
import type { EarlierRuns } from '../core/forecast/figures.ts';
import { connect } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';

/** Jobs whose outcomes are looked at, and how many of each; further ones would hardly change a quantile. */
const jobsRead = 5;
const outcomesRead = 100;
/** Milliseconds that a service may take to tell of its jobs. */
const patienceMs = 10_000;

/**
 * What is known of a workload's durations from earlier runs: the ones of a service, if an endpoint is given, or else
 * the ones of the data directory. Undefined if there were none. `note` is told why nothing could be learned.
 */
export async function earlierRuns(
  workload: string,
  { endpoint = process.env.SPILLWAY_ENDPOINT || undefined, ...options }: ConnectionOptions,
  note: (line: string) => void,
): Promise<EarlierRuns | undefined> {
  const from = endpoint ?? options.dataDir;
  const patience = AbortSignal.timeout(patienceMs);
  try {
    if (endpoint === undefined) {
      // Loaded late, since only a directory with earlier runs needs it.
      const { learnedIn } = await import('../local/earlier-runs.ts');
      const learned = await learnedIn(options.dataDir, workload);
      return learned && { learned, per: 'unit', from: `in ${from}` };
    }
    const { client, close } = await connect({ ...options, endpoint }, patience);
    try {
      return { learned: await learnedFrom(client, workload), per: 'item', from: `at ${from}` };
    } finally {
      await close();
    }
  } catch (error) {
    const reason = patience.aborted ? `no answer within ${patienceMs / 1000} s` : reasonOf(error);
    note(`Nothing could be learned from earlier runs of ${from}: ${reason}`);
    return undefined;
  }
}

/** How long the items of a workload's latest ended jobs took. */
export async function learnedFrom(
  client: Pick<Client, 'listJobs' | 'getResults'>,
  workload: string,
): Promise<Learned> {
  const { jobs } = await client.listJobs({ limit: 100 });
  const ended = jobs.filter((job) => job.workload === workload && job.status !== 'running');
  let learned = nothingLearned;
  for (const { jobId } of ended.slice(0, jobsRead)) {
    for await (const page of client.getResults(jobId, { limit: outcomesRead })) {
      for (const outcome of page) {
        if ('durationMs' in outcome && outcome.durationMs > 0 && outcome.status !== 'failed')
          learned = learn(learned, 1, outcome.durationMs);
      }
      break;
    }
  }
  return learned;
}
