import { describe, expect, it } from 'vitest';
import { Postponed } from '../../../src/core/engine/errors.ts';
import type { Budgeted } from '../../../src/core/http/coalesce.ts';
import { createSingleFlight } from '../../../src/core/http/single-flight.ts';
import { never } from '../../workloads/clients.ts';

const forEver = { signal: never, stopAt: Number.POSITIVE_INFINITY };

/** Runs that end when they are told to. */
function runs() {
  const begun: { budget: Budgeted; end: PromiseWithResolvers<string> }[] = [];
  const ask = createSingleFlight((budget) => {
    const end = Promise.withResolvers<string>();
    begun.push({ budget, end });
    return end.promise;
  });
  return { begun, ask };
}

describe('callers at the same time', () => {
  it('share one run and its result; the next has one of its own', async () => {
    const { begun, ask } = runs();
    const both = [ask(forEver), ask(forEver)];
    begun[0]?.end.resolve('first');
    expect(await Promise.all(both)).toEqual(['first', 'first']);
    const next = ask(forEver);
    begun[1]?.end.resolve('second');
    expect(await next).toBe('second');
  });

  it('share a failure, which is not kept', async () => {
    const { begun, ask } = runs();
    const both = Promise.allSettled([ask(forEver), ask(forEver)]);
    begun[0]?.end.reject(new Error('no luck'));
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = ask(forEver);
    begun[1]?.end.resolve('luck');
    expect(await next).toBe('luck');
  });

  it('give up each for themselves; the run is called off when all have', async () => {
    const { begun, ask } = runs();
    const [first, second] = [new AbortController(), new AbortController()];
    const both = [first, second].map(({ signal }) => ask({ ...forEver, signal }));
    first.abort(new Error('enough'));
    await expect(both[0]).rejects.toThrow('enough');
    expect(begun[0]?.budget.signal.aborted).toBe(false);
    second.abort(new Error('enough'));
    await expect(both[1]).rejects.toThrow('enough');
    expect(begun[0]?.budget.signal.aborted).toBe(true);
    const later = ask(forEver);
    begun[1]?.end.resolve('anew');
    expect(await later).toBe('anew');
  });

  it('begin anew with the longer budget where the first was too short', async () => {
    const { begun, ask } = runs();
    const short = ask({ ...forEver, stopAt: 100 });
    const long = ask({ ...forEver, stopAt: 1_000 });
    begun[0]?.end.reject(new Postponed('TURN_TOO_LATE', 'too late', 'test', 500));
    await expect(short).rejects.toThrow('too late');
    await expect.poll(() => begun.length).toBe(2);
    expect(begun[1]?.budget.stopAt).toBe(1_000);
    begun[1]?.end.resolve('in time');
    expect(await long).toBe('in time');
  });
});
