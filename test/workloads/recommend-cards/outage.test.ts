import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { cardConfig } from '../../../src/workloads/recommend-cards/config-file.ts';
import { fastClock } from '../../core/engine/fast-clock.ts';
import { drain, stateOf } from '../../core/jobs/asking.ts';
import { worldOfFile } from '../../core/jobs/world.ts';
import { useServers } from '../clients.ts';
import { cardWorker, configOf, outputOf, submitUsers, usersFile } from './cards.ts';

const world = await worldOfFile();
const serve = useServers();
const clock = fastClock(50);

const good = JSON.stringify({ recommendations: [{ name: 'Gold', netAnnualValue: 12 }] });

/** Submits users to an API with these manners; counts its calls. */
async function submitted(
  users: number,
  answer: (user: string, response: ServerResponse) => void,
  processing: object = {},
  api: object = {},
) {
  let calls = 0;
  const url = await serve((request, response) => {
    calls += 1;
    bodyOf(request).then((body) => answer(body.userId, response));
  });
  const jobs = cardWorker(world, { clock });
  const id = await submitUsers(
    jobs,
    usersFile(users),
    configOf(`${url}/cards`, processing, { timeout: 100, ...api }),
  );
  const look = async () => viewOf(await stateOf(jobs, id), clock.now());
  return { jobs, id, look, calls: () => calls };
}

async function bodyOf(request: IncomingMessage): Promise<{ userId: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const fail = (response: ServerResponse, status = 500) => void response.writeHead(status).end('boom');

describe('an API that fails everything', () => {
  it.each([500, 502, 503])('with %i is waited for; the job says so, and nobody fails', async (status) => {
    let isUp = false;
    const answer = (_: string, response: ServerResponse) =>
      isUp ? void response.end(good) : fail(response, status);
    const strict = { max_error_rate: 0, error_window: 1 };
    const { jobs, id, look } = await submitted(15, answer, strict);
    const working = drain(world, jobs, 3_000_000);
    await expect.poll(look, { timeout: 5_000, interval: 20 }).toMatchObject({
      status: 'running',
      errorCount: 0,
      waitingFor: { kind: 'upstream' },
      lastError: { code: 'UPSTREAM_FAILED', message: expect.stringContaining(`${status} boom`) },
    });
    isUp = true;
    await working;
    const { job, outcomes } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'completed', succeeded: 15, failed: 0 });
    expect(outcomes.every(({ attempts }) => attempts === 1)).toBe(true);
    expect(job).not.toHaveProperty('waitingFor');
    expect(job).not.toHaveProperty('lastError');
  });
});

describe('a user whose call always fails', () => {
  it.each(['u0', 'u17', 'u39'])('fails alone beside others: %s', async (bad) => {
    const asked: string[] = [];
    const { jobs, id } = await submitted(40, (user, response) => {
      asked.push(user);
      if (user === bad) fail(response);
      else response.end(good);
    });
    await drain(world, jobs, 3_000_000);
    const { job, outcomes } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'partial', succeeded: 39, failed: 1 });
    expect(outcomes.filter(({ status }) => status === 'failed')).toMatchObject([
      { itemId: bad, error: { code: 'UPSTREAM_FAILED', retryable: true } },
    ]);
    expect(asked.filter((user) => user === bad)).toHaveLength(3);
  });
});

it('a key that is refused stops the job after three calls at most', async () => {
  const late = (_: string, response: ServerResponse) => void setTimeout(() => fail(response, 401), 20);
  const { jobs, id, calls } = await submitted(200, late);
  await drain(world, jobs, 3_000_000);
  expect((await stateOf(jobs, id)).job).toMatchObject({
    status: 'cancelled',
    error: { code: 'CREDENTIALS_REFUSED' },
  });
  expect(calls()).toBeLessThanOrEqual(3);
});

describe('an answer', () => {
  it('with a byte order mark is read', async () => {
    const { jobs, id } = await submitted(3, (_, response) => void response.end(`\uFEFF${good}`));
    await drain(world, jobs, 3_000_000);
    const { job } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'completed', succeeded: 3 });
    expect((await outputOf(jobs, job.files?.output))[0]).toMatchObject({ best_card: 'Gold' });
  });

  it.each([
    ['a page', '<!DOCTYPE html><title>Welcome</title>'],
    ['a page behind a byte order mark', '\uFEFF<html></html>'],
    ['half of a JSON', good.slice(0, 20)],
    ['nothing', ''],
  ])('that is %s fails its user, who may be tried again', async (_, body) => {
    const { jobs, id } = await submitted(
      3,
      (user, response) => void response.end(user === 'u1' ? body : good),
    );
    await drain(world, jobs, 3_000_000);
    const { job, outcomes } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'partial', succeeded: 2, failed: 1 });
    expect(outcomes[1]).toMatchObject({
      error: { code: 'UPSTREAM_FAILED', retryable: true, message: expect.stringContaining('no JSON') },
    });
  });
});

it('a configuration may name the column of the users alone', () => {
  expect(cardConfig.read({ api: {}, input: { id_column: 'uid' } })).toEqual({
    options: { api: {}, id_column: 'uid' },
  });
});
