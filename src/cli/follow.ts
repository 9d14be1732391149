import type { Api } from '../client/api.ts';
import type { JobView } from '../client/contract.ts';
import { knownWorkload } from './known-workload.ts';
import { startProgress } from './progress.ts';

/** Seconds that the service may hold a question about a job until there is news. */
const waitSeconds = 5;

/** A stopped job has its files put together before it is at its end. */
const isOpen = ({ status, finishing }: JobView) => status === 'running' || finishing === true;

/** Waits for a job's end, showing how far it is. Resolves to its last state. */
export async function follow(
  api: Api,
  job: JobView,
  output: NodeJS.WriteStream,
  verbose = false,
): Promise<JobView> {
  if (!isOpen(job)) return job;
  const workload = await knownWorkload(job.workload);
  const progress = startProgress(output, verbose, workload?.configFile?.counts);
  try {
    for (let view = job; ; view = await api.get<JobView>(`/jobs/${job.jobId}?wait=${waitSeconds}`)) {
      progress.show(view);
      if (!isOpen(view)) return view;
    }
  } finally {
    progress.end();
  }
}
