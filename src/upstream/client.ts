import { ExponentialBackoff, fullJitterGenerator } from 'cockatiel';
import { z } from 'zod';
import { sleep } from '../engine/clock.ts';
import { Postponed, SpillwayError } from '../engine/errors.ts';
import { type BreakerDefinition, createBreaker, type Pass } from '../limits/breaker.ts';
import { createRateLimit, type LimitDeps, type RateLimit } from '../limits/rate.ts';
import type { RateDefinition } from '../limits/rule.ts';
import { type ConcurrencyDefinition, createSlots, type Load } from './adaptive.ts';
import { createRetryBudget } from './retry-budget.ts';
import { type Exchange, openConnections } from './send.ts';
import { UpstreamError } from './upstream-error.ts';
import { type Answer, httpVerdict, type Verdict } from './verdict.ts';

const milliseconds = (name: string, max: number) => {
  const error = ({ input }: { input?: unknown }) =>
    `${name} must be a whole number of milliseconds from 1 to ${max}, but was ${String(input)}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};
const attemptsError = ({ input }: { input?: unknown }) =>
  `attempts must be a whole number from 1 to 10, but was ${String(input)}`;

const upstreamSettings = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, {
    error: ({ input }) =>
      `name must have lower-case letters, digits and '-' only, but was '${String(input)}'`,
  }),
  baseUrl: z.url({ error: ({ input }) => `baseUrl must be a URL, but was '${String(input)}'` }),
  timeoutMs: milliseconds('timeoutMs', 900_000).default(30_000),
  attempts: z
    .int({ error: attemptsError })
    .min(1, { error: attemptsError })
    .max(10, { error: attemptsError })
    .default(3),
});

/** Somebody else's API: where it is and what it allows. Derived limits, breaker and connections are shared by all its calls. */
export interface UpstreamDefinition {
  name: string;
  baseUrl: string;
  /** Its rates by name; each call says how much of which it takes. Shared by all workers. */
  rates?: Readonly<Record<string, RateDefinition>>;
  /** Calls of this worker at the same time. Default: 4 to begin with, at most 100. */
  concurrency?: ConcurrencyDefinition;
  /** For one attempt, whole. Default: 30,000. */
  timeoutMs?: number;
  /** Of one call, the first included. Waiting for a limit or a breaker is no attempt. Default: 3. */
  attempts?: number;
  breaker?: BreakerDefinition;
  /** Says what an answer means, where HTTP alone does not: the one place where this API's errors are classed. */
  judge?(answer: Answer): Verdict;
}

export interface Call {
  method?: Exchange['method'];
  /** Below the base URL, without a slash in front. */
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>;
  /** Units that it takes of each rate, by the rates' names: the one that is waited for longest first. Default: none. */
  takes?: Readonly<Record<string, number>>;
  /** Saying it twice does no harm. Default: true, except for POST. */
  repeatable?: boolean;
  signal: AbortSignal;
  /** Epoch milliseconds at which the invocation's budget ends. */
  stopAt: number;
}

export interface Upstream {
  readonly name: string;
  /**
   * Makes a call within all limits. Throws an {@link UpstreamError} when it failed; {@link Postponed} when it cannot be
   * made before `stopAt`; the signal's reason when it aborts.
   */
  call(call: Call): Promise<Answer>;
  /** Calls of this worker that may be under way at the same time just now. */
  readonly slots: number;
  close(): Promise<void>;
}

export interface UpstreamDeps extends LimitDeps {
  /** Counts and times, named by upstream. */
  metrics: { count(name: string, value: number): void; milliseconds(name: string, value: number): void };
}

/** Pauses before a retry, and where an upstream refuses without saying for how long. Milliseconds. */
const backOff = { initialDelay: 500, maxDelay: 20_000, generator: fullJitterGenerator };
/** What there is when no answer came. */
const noAnswer: Answer = { status: 0, headers: {}, body: undefined };
const defaultConcurrency: ConcurrencyDefinition = { start: 4, min: 1, max: 100 };

/**
 * A client that stays within everything an upstream asks for. In this order: wait while it is down (breaker) → wait for
 * one of the slots (adaptive concurrency) → wait for the turn (shared rate) → send, with a timeout → judge the answer →
 * tell breaker, slots and rate → retry with full jitter while attempts and the retry budget last.
 *
 * Throws `UPSTREAM_INVALID`, `RATE_INVALID`, `CONCURRENCY_INVALID` or `BREAKER_INVALID`, naming the value.
 */
export function createUpstream(definition: UpstreamDefinition, deps: UpstreamDeps): Upstream {
  const parsed = upstreamSettings.safeParse(definition);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ message }) => message).join('; ');
    throw new SpillwayError('UPSTREAM_INVALID', `Upstream ${definition.name}: ${problems}`);
  }
  const { name, baseUrl, timeoutMs, attempts } = parsed.data;
  const { clock, metrics } = deps;
  const judge = definition.judge ?? httpVerdict;
  const connections = openConnections(name, timeoutMs, clock);
  const breaker = createBreaker(name, definition.breaker ?? {}, deps);
  const slots = createSlots(name, definition.concurrency ?? defaultConcurrency, clock);
  const retries = createRetryBudget();
  const rates = new Map<string, RateLimit>(
    Object.entries(definition.rates ?? {}).map(([rate, rule]) => [
      rate,
      createRateLimit(`${name}/${rate}`, rule, deps),
    ]),
  );

  const rateOf = (rate: string): RateLimit => {
    const found = rates.get(rate);
    if (found) return found;
    const known = [...rates.keys()].join(', ') || 'none';
    throw new SpillwayError('UNKNOWN_RATE', `${name} has no rate '${rate}'; it has: ${known}`);
  };

  /** One attempt; undefined when the upstream went down while it waited for its turn. */
  const attempt = ({ takes = {}, signal, stopAt }: Call, exchange: Exchange, pass: Pass) =>
    slots.run(signal, async (tell) => {
      for (const [rate, cost] of Object.entries(takes)) await rateOf(rate).turn({ cost, signal, stopAt });
      if (!breaker.holds(pass)) return undefined;
      const sentAt = clock.now();
      const { answer, verdict } = await exchangeAndJudge(exchange, signal);
      const ms = clock.now() - sentAt;
      metrics.count(`${name}/Calls`, 1);
      metrics.milliseconds(`${name}/Latency`, ms);
      tell(loadOf(verdict), ms);
      return { answer, verdict };
    });

  const exchangeAndJudge = async (exchange: Exchange, signal: AbortSignal) => {
    try {
      const answer = await connections.send(exchange, signal);
      return { answer, verdict: judge(answer) };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      const { code, message, retryable } = error;
      const verdict: Verdict = { kind: 'failed', code, message, retryable, down: retryable };
      return { answer: noAnswer, verdict };
    }
  };

  /** Waits before the next attempt, or leaves it to a later invocation. */
  const pause = async (ms: number, { signal, stopAt }: Call): Promise<void> => {
    const until = clock.now() + ms;
    if (until > stopAt) {
      throw new Postponed(
        'RETRY_TOO_LATE',
        `The next attempt at ${name} comes after the end of the budget`,
        name,
        until,
      );
    }
    await sleep(clock, ms, signal);
  };

  return {
    name,
    get slots() {
      return slots.limit;
    },
    async call(call) {
      const takes = Object.entries(call.takes ?? {});
      const holdBack = async (ms: number) => {
        for (const [rate] of takes) await rateOf(rate).notBefore(clock.now() + ms);
      };
      const exchange = exchangeOf(baseUrl, call);
      const repeatable = call.repeatable ?? exchange.method !== 'POST';
      let failures = 0;
      let retryDelay = new ExponentialBackoff(backOff).next();
      let throttleDelay = retryDelay;
      retries.called();
      for (;;) {
        const pass = await breaker.admit(call.signal, call.stopAt);
        const made = await attempt(call, exchange, pass);
        if (made === undefined) continue;
        const { answer, verdict } = made;
        if (verdict.kind !== 'failed' || !verdict.down) await breaker.succeeded(pass);

        if (verdict.kind === 'throttled') {
          metrics.count(`${name}/Throttled`, 1);
          const ms = verdict.pauseMs ?? throttleDelay.duration;
          throttleDelay = throttleDelay.next(undefined);
          // With a shared rate everyone waits, this call among them; otherwise only it does.
          if (takes.length > 0) await holdBack(ms);
          else await pause(ms, call);
          continue;
        }
        if (verdict.kind === 'fine') {
          for (const [rate, cost] of takes) rateOf(rate).correct((verdict.spent?.[rate] ?? cost) - cost);
          if (verdict.pauseMs !== undefined) await holdBack(verdict.pauseMs);
          return answer;
        }
        metrics.count(`${name}/Failed`, 1);
        if (verdict.down) await breaker.failed(pass);
        const mayRepeat = verdict.retryable && repeatable;
        if (mayRepeat && !breaker.holds('call')) {
          // The upstream is down: that is no attempt of this call's. After a probe, others go first.
          if (pass === 'probe') await sleep(clock, Math.random() * backOff.initialDelay, call.signal);
          continue;
        }
        failures += 1;
        if (!mayRepeat || failures >= attempts || !retries.take()) {
          throw errorOf(name, verdict, answer, repeatable);
        }
        metrics.count(`${name}/Retries`, 1);
        await pause(retryDelay.duration, call);
        retryDelay = retryDelay.next(undefined);
      }
    },
    close: () => connections.close(),
  };
}

function errorOf(
  upstream: string,
  { code, message, retryable }: Verdict & { kind: 'failed' },
  { status }: Answer,
  repeatable: boolean,
): UpstreamError {
  const details = { upstream, ...(status > 0 && { status }) };
  const unknown = !repeatable && (code === 'TIMED_OUT' || code === 'CONNECTION_FAILED');
  return new UpstreamError(unknown ? 'OUTCOME_UNKNOWN' : code, `${upstream}: ${message}`, {
    retryable,
    details,
  });
}

function loadOf(verdict: Verdict): Load {
  if (verdict.kind === 'fine') return 'fine';
  if (verdict.kind === 'throttled' || verdict.down) return 'overloaded';
  return 'unknown';
}

function exchangeOf(baseUrl: string, { method, path, query = {}, headers = {}, json, form }: Call): Exchange {
  const url = new URL(path, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const hasBody = json !== undefined || form !== undefined;
  const contentType = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json';
  return {
    method: method ?? (hasBody ? 'POST' : 'GET'),
    url,
    headers: { accept: 'application/json', ...(hasBody && { 'content-type': contentType }), ...headers },
    body: json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json),
  };
}
