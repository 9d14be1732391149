import { expect, it, onTestFinished } from 'vitest';
import { startSchedule } from '../../src/local/schedule.ts';
import { FakeClock } from '../core/engine/fake-clock.ts';

/** A schedule of every 60 s whose runs do what `run` does, and the times of their starts. */
function schedule(run: (clock: FakeClock, count: number) => Promise<unknown>) {
  const clock = new FakeClock();
  const starts: number[] = [];
  const events: unknown[] = [];
  let enough = () => {};
  const running = startSchedule({
    functionName: 'tick',
    everySeconds: 60,
    region: 'eu-central-1',
    clock,
    invoke: async (_, event) => {
      starts.push(clock.now());
      events.push(event);
      if (starts.length === 4) enough();
      return run(clock, starts.length);
    },
  });
  onTestFinished(() => clock.run(running.stop()));
  const fourth = new Promise<void>((resolve) => {
    enough = resolve;
  });
  return { starts, events, running, untilFourth: () => clock.run(fourth) };
}

it('runs soon after the start, then at its rate, with events as EventBridge sends them', async () => {
  const { starts, events, untilFourth } = schedule(async () => {});
  await untilFourth();
  expect(starts).toEqual([1_000, 61_000, 121_000, 181_000]);
  expect(events[1]).toEqual({
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: '1970-01-01T00:01:01Z',
    region: 'eu-central-1',
    resources: ['arn:aws:events:eu-central-1:000000000000:rule/tick'],
    detail: {},
  });
});

it('never overlaps itself: a long run delays the next', async () => {
  const { starts, untilFourth } = schedule((clock, count) => clock.sleep(count === 2 ? 100_000 : 10_000));
  await untilFourth();
  expect(starts).toEqual([1_000, 61_000, 161_000, 221_000]);
});

it('goes on after a run that failed', async () => {
  const { starts, untilFourth } = schedule(() => Promise.reject(new Error('this time')));
  await untilFourth();
  expect(starts).toHaveLength(4);
});

it('stops before the first run', async () => {
  const { starts, running } = schedule(async () => {});
  await running.stop();
  expect(starts).toEqual([]);
});
