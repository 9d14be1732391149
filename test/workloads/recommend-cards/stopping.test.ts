import { describe, expect, it } from 'vitest';
import type { JobsContext } from '../../../src/core/jobs/model/jobs-context.ts';
import { retry } from '../../../src/core/jobs/retry.ts';
import { viewOf } from '../../../src/core/jobs/views/view.ts';
import { drain, stateOf } from '../../core/jobs/asking.ts';
import { worldOfFile } from '../../core/jobs/world.ts';
import { useSandbox } from '../clients.ts';
import { cardWorker, configOf, outputOf, reference, submitUsers, usersFile } from './cards.ts';

const world = await worldOfFile();
const sandbox = useSandbox({ timeScale: 0.01 });
const url = () => `${sandbox().urls.cards}/recommendations`;

async function run(jobs: JobsContext, users: number, config: object) {
  const id = await submitUsers(jobs, usersFile(users), config);
  await drain(world, jobs);
  return id;
}

describe('a job of recommend-cards', () => {
  it.each([
    ['a secret that is not set', {}, { authorization: reference('CARDS_KEY') }, 'SECRET_NOT_SET'],
    ['a private address', { url: 'https://10.0.0.1/' }, {}, 'ADDRESS_FORBIDDEN'],
    ['a name of this machine', { url: 'https://localhost/' }, {}, 'ADDRESS_FORBIDDEN'],
    ['a stand-in that is not here', { url: 'sandbox://cards/' }, {}, 'NO_STAND_IN'],
  ])('is stopped by %s', async (_, api, headers, code) => {
    const jobs = cardWorker(world, { allowAddresses: [] });
    const id = await run(jobs, 40, configOf(url(), {}, { headers, ...api }));
    expect((await stateOf(jobs, id)).job).toMatchObject({ status: 'cancelled', error: { code } });
  });

  it('is stopped by a key that is refused, and shows it nowhere', async () => {
    const lines: unknown[] = [];
    const note = (...line: unknown[]) => void lines.push(line);
    const jobs = { ...cardWorker(world), log: { info: note, warn: note, error: note } };
    const headers = { authorization: 'Bearer invalid-0123456789' };
    const id = await run(jobs, 40, configOf(url(), {}, { headers }));
    const state = await stateOf(jobs, id);
    expect(state.job).toMatchObject({ status: 'cancelled', error: { code: 'CREDENTIALS_REFUSED' } });
    // All that the tenant can see of it, and what was logged.
    expect(JSON.stringify([viewOf(state), state.outcomes, lines])).not.toContain('invalid-0123456789');
  });

  it('is stopped when too many users fail, and goes on where it was when it is run again', async () => {
    const jobs = cardWorker(world);
    sandbox().configure({ api: 'cards', errors: { share: 0.5, status: 500 } });
    const config = configOf(url(), { max_workers: 5, max_error_rate: 0.1, error_window: 20 }, { retries: 0 });
    const id = await run(jobs, 150, config);
    const stopped = await stateOf(jobs, id);
    expect(stopped.job).toMatchObject({ status: 'cancelled', error: { code: 'TOO_MANY_FAILURES' } });
    expect(stopped.job.error?.message).toMatch(/of the last 20 items failed, .* with UPSTREAM_FAILED/);
    expect(stopped.outcomes.length).toBeLessThan(100);

    sandbox().configure({ api: 'cards', errors: { share: 0 } });
    await retry(jobs, stopped);
    await drain(world, jobs);
    const { job } = await stateOf(jobs, id);
    expect(job).toMatchObject({ status: 'completed', succeeded: 150, failed: 0 });
    const rows = await outputOf(jobs, job.files?.output);
    expect(rows.map(({ user_id }) => user_id)).toEqual(Array.from({ length: 150 }, (_, n) => `u${n}`));
  });
});
