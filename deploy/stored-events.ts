/** The job that the stored events of the folder `events` point to. */
export const sampleJobId = 'job_0mvz1mt2q5b1f0c3a9d27e846';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const uncounted = { count: () => {}, milliseconds: () => {}, percent: () => {} };

/** Makes sure that the job of a stored event exists. Expects the function's environment. */
export async function prepareEvent(event: unknown): Promise<void> {
  if (!JSON.stringify(event ?? null).includes(sampleJobId)) return;
  // Loaded only when needed: it loads the service and the SDK, which other events do not use.
  const [{ openService }, { readSettings }, { seedSampleJob }] = await Promise.all([
    import('../src/service.ts'),
    import('../src/settings.ts'),
    import('./sample-job.ts'),
  ]);
  await seedSampleJob(openService(readSettings(process.env), silent, uncounted), sampleJobId);
}
