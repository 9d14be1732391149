import * as z from 'zod';
import { sleep } from '../engine/clock.ts';
import { type DeclaredError, Postponed, SpillwayError } from '../engine/errors.ts';
import { waitsFor } from '../engine/waiting.ts';
import { limitErrors } from './limit-errors.ts';
import { promptStore } from './prompt-store.ts';
import type { LimitDeps } from './rate.ts';
import { furthestProbeMs, type OpenBreaker } from './store.ts';

const whole = (name: string, min: number, max: number, fallback: number) => {
  const error = ({ input }: { input?: unknown }) =>
    `${name} must be a whole number from ${min} to ${max}, but was ${String(input)}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).default(fallback);
};

const breakerDefinition = z.strictObject({
  /** Consecutive failures after which the upstream counts as down. */
  failures: whole('failures', 1, 1_000, 5),
  /** While it is down, all workers together send one call per this many milliseconds. */
  probeEveryMs: whole('probeEveryMs', 10, furthestProbeMs, 5_000),
  /** After this many milliseconds, calls no longer wait in place: the items are postponed, and their job says so. */
  patienceMs: whole('patienceMs', 0, 86_400_000, 60_000),
});

export type BreakerDefinition = z.input<typeof breakerDefinition>;

/** The right to make one call. */
export type Pass = 'call' | 'probe';

/** What is known about a failure of the upstream itself. */
export interface Failed {
  /** Names the call, so that one call's attempts can be told from those of several. Default: a call of its own. */
  by?: symbol;
  /** Finds out whether the upstream is up in spite of these failures. Asked before the breaker opens. */
  isUp?: (() => Promise<boolean>) | undefined;
}

/** Decides for all workers whether an upstream is down. Calls to an upstream that is down wait; they do not fail. */
export interface Breaker {
  /** Outages that this worker has noticed. */
  readonly outages: number;
  /**
   * Waits until a call may be made. Throws {@link Postponed} if that is not before `stopAt`, with the code
   * `UPSTREAM_DOWN` if the upstream has been down for longer than the patience. Throws the signal's reason
   * when it aborts.
   */
  admit(signal: AbortSignal, stopAt: number): Promise<Pass>;
  /** Whether a pass that was issued earlier still holds. Ask again just before the call. */
  holds(pass: Pass): boolean;
  succeeded(pass: Pass): Promise<void>;
  /**
   * Reports that the upstream itself failed: no connection, no answer in time, or 5xx. A run of failures opens the
   * breaker, unless all of them are one call's and other calls have been answered: then the call may be at fault.
   */
  failed(pass: Pass, what?: Failed): Promise<void>;
  /** Opens the breaker, for whoever knows by other means that the upstream is down. */
  open(): Promise<void>;
}

/** Knowledge older than this, in milliseconds, is refreshed before a call. */
const knownForMs = 1_000;

/**
 * A circuit breaker that shares its state through the store (closed, open, half-open with one probe). Each worker
 * judges what it sees; the store tells the others.
 *
 * Throws `BREAKER_INVALID` for a definition out of range.
 */
export function createBreaker(name: string, definition: BreakerDefinition, deps: LimitDeps): Breaker {
  const parsed = breakerDefinition.safeParse(definition);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ message }) => message).join('; ');
    throw new SpillwayError(limitErrors.BREAKER_INVALID, `Breaker ${name}: ${problems}`);
  }
  const { failures, probeEveryMs, patienceMs } = parsed.data;
  const { clock } = deps;
  const store = promptStore(deps.store, clock);
  /** The failures since the last answer: how many, and of which calls. */
  const run = { count: 0, calls: new Set<symbol>() };
  let everAnswered = false;
  let outages = 0;
  let open: OpenBreaker | undefined;
  let knownAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;
  let probing: Promise<boolean> | undefined;

  /** Runs a query or a change; without the store each worker decides for itself. */
  const shared = async <T>(ask: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await ask;
    } catch (error) {
      deps.onUnreachable(name, error);
      return otherwise;
    }
  };

  const refresh = (): Promise<void> => {
    refreshing ??= shared(store.breaker(name), open).then((found) => {
      // A time that no worker can have set is damaged, so this worker probes.
      const sane = found && found.probeAt <= clock.now() + furthestProbeMs;
      if (found && !open) outages += 1;
      open = found && { since: found.since, probeAt: sane ? found.probeAt : 0 };
      knownAt = clock.now();
      refreshing = undefined;
    });
    return refreshing;
  };

  const askForProbe = async (): Promise<boolean> => {
    const now = clock.now();
    const taken = await shared(store.takeProbe(name, now, now + probeEveryMs), true);
    if (taken && open) open = { ...open, probeAt: now + probeEveryMs };
    else await refresh();
    return taken;
  };

  /** True for one of all the waiting calls, here and on other workers. */
  const takeProbe = async (): Promise<boolean> => {
    if (probing) {
      await probing;
      return false;
    }
    probing = askForProbe();
    try {
      return await probing;
    } finally {
      probing = undefined;
    }
  };

  const postponed = ({ since, probeAt }: OpenBreaker, kind: DeclaredError): Postponed =>
    new Postponed(kind, `${name} has been down since ${new Date(since).toISOString()}`, name, probeAt);

  const answered = () => {
    run.count = 0;
    run.calls.clear();
    everAnswered = true;
  };

  const openNow = async (): Promise<void> => {
    if (open) return;
    const now = clock.now();
    open = { since: now, probeAt: now + probeEveryMs };
    outages += 1;
    if (!(await shared(store.openBreaker(name, open), true))) await refresh();
  };

  /** Waits while it is open, and says so to whoever follows the work. */
  const waitWhileOpen = async (signal: AbortSignal, stopAt: number): Promise<Pass> => {
    let told: (() => void) | undefined;
    try {
      while (open) {
        signal.throwIfAborted();
        if (clock.now() >= open.probeAt) {
          if (await takeProbe()) return 'probe';
          continue;
        }
        told ??= waitsFor({ kind: 'upstream', name, since: open.since });
        if (clock.now() - open.since > patienceMs) throw postponed(open, limitErrors.UPSTREAM_DOWN);
        if (open.probeAt > stopAt) throw postponed(open, limitErrors.UPSTREAM_RECOVERING);
        // Another worker's probe may succeed at any time.
        await sleep(clock, Math.min(open.probeAt - clock.now(), probeEveryMs / 5), signal);
        if (clock.now() - knownAt >= probeEveryMs / 10) await refresh();
      }
      return 'call';
    } finally {
      told?.();
    }
  };

  return {
    get outages() {
      return outages;
    },

    async admit(signal, stopAt) {
      signal.throwIfAborted();
      if (clock.now() - knownAt > knownForMs) await refresh();
      return open ? waitWhileOpen(signal, stopAt) : 'call';
    },

    holds: (pass) => pass === 'probe' || open === undefined,

    async succeeded(pass) {
      if (pass !== 'probe' && open) return;
      answered();
      if (pass !== 'probe') return;
      open = undefined;
      await shared(store.closeBreaker(name), undefined);
    },

    async failed(pass, { by = Symbol('call'), isUp } = {}) {
      if (pass === 'probe' || open) return;
      run.count += 1;
      run.calls.add(by);
      const isRun = run.count >= failures && (run.calls.size > 1 || !everAnswered);
      // Otherwise another worker may have found out already.
      if (!isRun) return refresh();
      if (await isUp?.()) return answered();
      await openNow();
    },

    open: openNow,
  };
}
