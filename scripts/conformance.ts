/**
 * `npm run conformance -- --servers ministack`: runs the tests of S3, SQS and DynamoDB against other servers than the
 * embedded ones, and says how many pass, and why others do not. `elasticmq+moto`: each of the three from the first that
 * has it. Servers that run already are named by `AWS_ENDPOINT_URL`, `_S3`, `_SQS` and `_DYNAMODB`, and are not started.
 */
import { parseArgs } from 'node:util';
import { endpointIn, serverKinds } from '../src/aws/endpoints.ts';
import { exceptionFor } from './conformance/exceptions.ts';
import { runCloudTests } from './conformance/run-tests.ts';
import { type Running, serverNames, startServer } from './conformance/servers.ts';

const { values } = parseArgs({ options: { servers: { type: 'string', default: '' } } });
const wanted = values.servers.split('+').filter((name) => name !== '');
const unknown = wanted.find((name) => !serverNames.includes(name));
if (unknown !== undefined) {
  console.error(`There is no server '${unknown}' here; there are: ${serverNames.join(', ')}.`);
  process.exit(2);
}
if (wanted.length === 0 && serverKinds.every((kind) => endpointIn(process.env, kind) === undefined)) {
  console.error(
    `Which servers? --servers ${serverNames.join('|')}, or AWS_ENDPOINT_URL for one that runs already.`,
  );
  process.exit(2);
}

const running: Running[] = [];
const stop = () => {
  for (const server of running) server.stop();
};
process.on('exit', stop);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

for (const name of wanted) running.push(await startServer(name));
const env: Record<string, string> = {};
/** Which server has which of the three. */
const serves: Record<string, string> = {};
for (const kind of serverKinds) {
  const given = endpointIn(process.env, kind);
  const server = running.find(({ kinds }) => kinds.includes(kind));
  if (given === undefined && server !== undefined) env[`AWS_ENDPOINT_URL_${kind.toUpperCase()}`] = server.url;
  serves[kind] = given?.url ?? server?.name ?? 'embedded';
}
const where = serverKinds.map((kind) => `${kind} ${serves[kind]}`).join(', ');
console.log(`Tests of the cloud on: ${where}`);

const results = await runCloudTests({
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  ...process.env,
  ...env,
});
stop();
const failed = results.filter(({ status }) => status === 'failed');
const reasons = Map.groupBy(failed, ({ name }) => exceptionFor(name, serves)?.reason);
const passed = results.filter(({ status }) => status === 'passed').length;
console.log(`\n${passed} of ${results.length} pass (${where})`);
for (const [reason, tests] of reasons) {
  console.log(
    `\n${tests.length} ${reason === undefined ? 'FAIL, and no reason is known' : `do not: ${reason}`}`,
  );
  for (const { file, name } of tests) console.log(`  ${file}: ${name}`);
}
for (const { file, name, status } of results) {
  const exception = exceptionFor(name, serves);
  if (status === 'passed' && exception)
    console.log(`\n${file}: ${name}\n  passes, though: ${exception.reason}`);
}
process.exitCode = results.length === 0 || reasons.has(undefined) ? 1 : 0;
