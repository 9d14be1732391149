import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedSampleJob } from '../../deploy/sample-job.ts';
import { sampleJobId } from '../../deploy/stored-events.ts';
import { seedSamples } from '../../src/local/samples.ts';
import { openStandIns, type StandIns } from '../../src/local/stand-ins.ts';
import { type EmptyCloud, startEmptyCloud } from './cloud.ts';
import { apiEvent, storedEvent } from './events.ts';
import { type OwnFunctions, openFunctions } from './own-functions.ts';

let cloud: EmptyCloud;
let standIns: StandIns;
let functions: OwnFunctions;

beforeAll(async () => {
  cloud = await startEmptyCloud();
  await seedSamples(cloud.s3, cloud.bucket, 'events/photos');
  await cloud.jobs.blobs.put('uploads/local/archive/a.txt', 'The words of a', 'text/plain');
  await seedSampleJob(cloud.jobs, sampleJobId);
  standIns = await openStandIns({}, { timeScale: 0.1 });
  functions = openFunctions(cloud, standIns.environment);
});
afterAll(async () => {
  await functions?.stop();
  await standIns?.stop();
  await cloud?.stop();
});

const answer = (statuses: number[], body: string | RegExp = '') =>
  expect.objectContaining({
    statusCode: expect.toSatisfy((status) => statuses.includes(status), `is one of ${statuses}`),
    ...(body !== '' && { body: expect.stringMatching(body) }),
  });
/** Some items fail on purpose. On a machine that is busy otherwise, not all of a batch may fit the gateway's time. */
const batch = (items: number, failures = 0) =>
  answer([200, 202], new RegExp(`"totalItems":${items},.*"errorCount":[0-${failures}],`));
const noFailures = { batchItemFailures: [] };

/** Each event, its function and what comes of it, in the order of the sample job's life. */
const expected: [event: string, functionName: string, result: unknown][] = [
  ['authorize.request', 'authorize', { isAuthorized: true, context: { tenant: 'local' } }],
  ['health.apigw', 'health', answer([200])],
  ['get-openapi.apigw', 'getOpenapi', answer([200], '"openapi":"3.1')],
  ['create-uploads.apigw', 'createUploads', answer([201], 'mug-2.jpg')],
  ['create-products.apigw', 'createProducts', batch(3)],
  ['list-products.apigw', 'listProducts', answer([200], '"products":')],
  ['get-product.apigw', 'getProduct', answer([200, 404])],
  ['update-product.apigw', 'updateProduct', answer([200, 404])],
  ['export-products.apigw', 'exportProducts', answer([200], '^Handle,Title,')],
  ['delete-product.apigw', 'deleteProduct', answer([204])],
  ['stream-answer.url', 'streamAnswer', answer([200], '"type":"end".*"status":"completed"')],
  ['create-job.apigw', 'createJob', batch(3, 1)],
  ['create-job-of-files.apigw', 'createJob', batch(1)],
  ['enrich-leads.apigw', 'createJob', batch(3)],
  ['analyze-products.apigw', 'createJob', batch(3, 1)],
  ['recommend-cards.apigw', 'createJob', batch(3)],
  ['continue-job.sqs', 'continueJob', noFailures],
  ['dead-letter.sqs', 'deadLetter', noFailures],
  ['get-job.apigw', 'getJob', answer([200], /"status":"partial".*"successCount":3,"errorCount":2/)],
  ['list-jobs.apigw', 'listJobs', answer([200], '"jobs":')],
  ['get-results.apigw', 'getResults', answer([200], '"NOT_DELIVERED"')],
  ['get-output.apigw', 'getOutput', answer([404], '"NO_SUCH_FILE"')],
  ['stream-events.url', 'streamEvents', answer([200], 'event: end')],
  ['retry-job.apigw', 'retryJob', answer([202], '"status":"running"')],
  ['hold-job.apigw', 'holdJob', answer([200], '"held":true')],
  ['resume-job.apigw', 'resumeJob', answer([202], '"status":"running"')],
  ['cancel-job.apigw', 'cancelJob', answer([200], '"status":"cancelled"')],
  ['sweep.schedule', 'sweep', null],
];

// Their time stamps are long past: no caller's patience may be counted from there.
it.each(expected)('%s.json, sent as it is, is answered by %s', async (event, name, result) => {
  expect(await functions.of(name).invoke(storedEvent(`${event}.json`))).toEqual(result);
});

it('a request that waited before its function began has only the rest of its time', async () => {
  const event = apiEvent('create-job.apigw.json', {
    body: JSON.stringify({ workload: 'echo', source: { items: [{ delayMs: 20_000 }] } }),
  });
  event.requestContext.timeEpoch = Date.now() - 22_000;
  expect(await functions.of('createJob').invoke(event)).toEqual(answer([202], '"status":"running"'));
});

it('no event is left out', () => {
  const events = readdirSync('events').filter((name) => /\.\w+\.json$/.test(name));
  expect(expected.map(([event]) => `${event}.json`).toSorted()).toEqual(events.toSorted());
});
