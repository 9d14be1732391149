import { sleep } from '../engine/clock.ts';
import { SpillwayError } from '../engine/errors.ts';
import { heldUpBy, waitsFor } from '../engine/waiting.ts';
import { createBreaker, type Pass } from '../limits/breaker.ts';
import { createRateLimit, type LimitDeps, type RateLimit } from '../limits/rate.ts';
import { atPace } from '../limits/rule.ts';
import { type ConcurrencyDefinition, createSlots, type Load } from './adaptive.ts';
import { checkDefinition, type UpstreamDefinition } from './definition.ts';
import { createEvidence } from './evidence.ts';
import { createFaultFinder } from './fault.ts';
import { httpErrors } from './http-errors.ts';
import { createKeyGate } from './key-gate.ts';
import { type Call, exchangeOf, withoutSecrets } from './request.ts';
import { createRetryBudget } from './retry-budget.ts';
import { backOff, pauseFor, pausesOf } from './retry-pause.ts';
import { type Exchange, openConnections } from './send.ts';
import { UpstreamError } from './upstream-error.ts';
import { type Answer, httpVerdict, type Verdict } from './verdict.ts';

export interface Upstream {
  readonly name: string;
  /**
   * Makes a call within all limits. Throws an {@link UpstreamError} if it fails, `Postponed` if it
   * cannot be made before `stopAt`, and the signal's reason if that aborts.
   */
  call(call: Call): Promise<Answer>;
  /** How many calls this worker may run concurrently at the moment. */
  readonly slots: number;
  close(): Promise<void>;
}

export interface UpstreamDeps extends LimitDeps {
  /** Counts and times, named after the upstream. */
  metrics: { count(name: string, value: number): void; milliseconds(name: string, value: number): void };
}

/** Stands for the answer when none came. */
const noAnswer: Answer = { status: 0, headers: {}, body: undefined };
const defaultConcurrency: ConcurrencyDefinition = { start: 4, min: 1, max: 100 };

/**
 * A client that respects all of an upstream's limits. It works in this order: wait while the upstream is down
 * (breaker) → wait for a slot (adaptive concurrency) → wait for the call's turn (shared rate) → send, with a
 * timeout → judge the answer → report to breaker, slots and rate → retry with full jitter while attempts and
 * the retry budget last → find out whether the call or the upstream is at fault. A call fails by its own fault
 * only; an outage is waited out, or postpones it.
 *
 * Throws `UPSTREAM_INVALID`, `RATE_INVALID`, `CONCURRENCY_INVALID` or `BREAKER_INVALID`, naming the value.
 */
export function createUpstream(definition: UpstreamDefinition, deps: UpstreamDeps): Upstream {
  const { name, baseUrl, timeoutMs, attempts, maxAnswerBytes, pace } = checkDefinition(definition);
  const { clock, metrics } = deps;
  const judge = definition.judge ?? httpVerdict;
  const { addresses, parse } = definition;
  const connections = openConnections({
    ...{ name, timeoutMs, maxAnswerBytes, clock },
    ...(addresses && { addresses }),
    ...(parse && { parse }),
  });
  const breaker = createBreaker(name, definition.breaker ?? {}, deps);
  const slots = createSlots(name, definition.concurrency ?? defaultConcurrency, clock);
  const retries = createRetryBudget();
  const gate = createKeyGate(clock);
  const evidence = createEvidence(clock);
  /** The last probe failed: its request may be at fault, so the next probe asks what was answered well before. */
  let suspect = false;
  const rates = new Map<string, RateLimit>(
    Object.entries(definition.rates ?? {}).map(([rate, rule]) => [
      rate,
      createRateLimit(`${name}/${rate}`, atPace(rule, pace), deps),
    ]),
  );

  const rateOf = (rate: string): RateLimit => {
    const found = rates.get(rate);
    if (found) return found;
    const known = [...rates.keys()].join(', ') || 'none';
    throw new SpillwayError(httpErrors.UNKNOWN_RATE, `${name} has no rate '${rate}'; it has: ${known}`);
  };

  /** Makes one exchange; undefined if the upstream went down while the call waited for its turn. */
  const send = (
    { takes = {}, within = (make) => make(), signal, stopAt }: Call,
    exchange: Exchange,
    pass: Pass,
  ) =>
    slots.run(signal, (tell) =>
      within(async () => {
        for (const [rate, cost] of Object.entries(takes)) await rateOf(rate).turn({ cost, signal, stopAt });
        if (!breaker.holds(pass)) return undefined;
        const sentAt = clock.now();
        const { answer, verdict } = await exchangeAndJudge(exchange, signal);
        const ms = clock.now() - sentAt;
        metrics.count(`${name}/Calls`, 1);
        metrics.milliseconds(`${name}/Latency`, ms);
        tell(loadOf(verdict), ms);
        return { answer, verdict };
      }),
    );

  /** Makes one attempt of a call, as one of a few as long as the upstream has not accepted its key. */
  const attempt = async (call: Call, exchange: Exchange, pass: Pass) => {
    const passed = await gate.pass(call);
    const ended = evidence.begun();
    try {
      const made = await send(call, exchange, pass);
      if (made?.verdict.kind === 'failed' && made.verdict.code === 'CREDENTIALS_REFUSED')
        passed.answered(errorOf(name, made.verdict, made.answer, call, true));
      else if (made && !(made.verdict.kind === 'failed' && made.verdict.down)) passed.answered();
      return made;
    } finally {
      ended();
      passed.leave();
    }
  };

  const exchangeAndJudge = async (exchange: Exchange, signal: AbortSignal) => {
    try {
      const answer = await connections.send(exchange, signal);
      return { answer, verdict: judge(answer) };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      return { answer: noAnswer, verdict: verdictWithoutAnswer(error) };
    }
  };

  const verdictWithoutAnswer = ({ code, message, retryable }: UpstreamError): Verdict => {
    // A host that has answered before, to this worker or another, exists: the DNS has an outage.
    const exists = evidence.answers > 0 || breaker.outages > 0;
    if (code === 'HOST_NOT_FOUND' && exists)
      return { kind: 'failed', code: 'UNREACHABLE', message, retryable: true, down: true };
    // An upstream that answers is not down, even if the answer is unreadable.
    const down = retryable && code !== 'UPSTREAM_FAILED';
    return { kind: 'failed', code, message, retryable, down };
  };

  const faults = createFaultFinder({ name, clock, breaker, evidence, send });
  const pause = (ms: number, call: Call) => pauseFor(clock, name, ms, call);

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
      const repeatable = call.repeatable ?? !['POST', 'PATCH'].includes(exchange.method);
      const by = Symbol('call');
      let failures = 0;
      let answersBefore = 0;
      let { outages } = breaker;
      let retryDelay = pausesOf();
      let throttleDelay = retryDelay;
      retries.called();
      for (;;) {
        const pass = await breaker.admit(call.signal, call.stopAt);
        if (breaker.outages > outages) {
          // Its failures were the beginning of the outage.
          ({ outages } = breaker);
          retries.giveBack(failures);
          failures = 0;
        }
        const { good } = evidence;
        // A call that may be made only once would be lost as a probe.
        if (pass === 'probe' && good && (suspect || !repeatable)) {
          suspect = false;
          await faults.askAgain(good, call, pass);
          continue;
        }
        const made = await attempt(call, exchange, pass);
        if (made === undefined) continue;
        const { answer, verdict } = made;
        const noHost = verdict.kind === 'failed' && verdict.code === 'HOST_NOT_FOUND';
        if (verdict.kind !== 'failed' || !(verdict.down || noHost)) {
          await breaker.succeeded(pass);
          // An old PUT or DELETE could undo a newer one.
          const isQuestion = repeatable && (exchange.method === 'GET' || exchange.method === 'POST');
          const again = verdict.kind === 'fine' && (call.onlyAsks ?? isQuestion);
          evidence.answered(again ? { exchange, takes: call.takes ?? {} } : undefined);
        }

        if (verdict.kind === 'throttled') {
          metrics.count(`${name}/Throttled`, 1);
          const ms = verdict.pauseMs ?? throttleDelay.duration;
          throttleDelay = throttleDelay.next(undefined);
          // With a shared rate, all calls wait, including this one; otherwise only this one does.
          if (takes.length > 0) await holdBack(ms);
          else await pause(ms, call).finally(waitsFor({ kind: 'rate', name, since: clock.now() }));
          continue;
        }
        if (verdict.kind === 'fine') {
          for (const [rate, cost] of takes) rateOf(rate).correct((verdict.spent?.[rate] ?? cost) - cost);
          if (verdict.pauseMs !== undefined) await holdBack(verdict.pauseMs);
          return answer;
        }
        metrics.count(`${name}/Failed`, 1);
        const error = errorOf(name, verdict, answer, call, repeatable);
        if (failures === 0) answersBefore = evidence.answers;
        if (verdict.down) {
          heldUpBy(error.toJSON());
          await breaker.failed(pass, { by, isUp: good && (() => faults.isUp(good, call)) });
        }
        // With 503 the upstream says that it has done nothing (RFC 9110, 15.6.4).
        const notDone = verdict.code === 'UNREACHABLE' || answer.status === 503;
        if (!verdict.retryable || !(repeatable || notDone)) throw error;
        if (verdict.down && !breaker.holds('call')) {
          // The upstream is down, so this does not count as an attempt. After a probe, other calls go first.
          suspect = pass === 'probe';
          if (pass === 'probe') await sleep(clock, Math.random() * backOff.initialDelay, call.signal);
          continue;
        }
        failures += 1;
        if (failures < attempts && retries.take()) {
          metrics.count(`${name}/Retries`, 1);
          await pause(retryDelay.duration, call);
          retryDelay = retryDelay.next(undefined);
          continue;
        }
        const divided = call.divisible && verdict.code === 'UPSTREAM_FAILED';
        if (!verdict.down || divided || (await faults.isAtFault(call, answersBefore))) throw error;
        failures = 0;
      }
    },
    close: () => connections.close(),
  };
}

function errorOf(
  upstream: string,
  { code, message, retryable }: Verdict & { kind: 'failed' },
  answer: Answer,
  call: Call,
  repeatable: boolean,
): UpstreamError {
  const details = { upstream, ...(answer.status > 0 && { status: answer.status }) };
  const text = `${upstream}: ${withoutSecrets(message, call)}`;
  const unknown = !repeatable && answer === noAnswer && code !== 'UNREACHABLE';
  return unknown
    ? new UpstreamError('OUTCOME_UNKNOWN', text, { details })
    : new UpstreamError(code, text, { retryable, details });
}

function loadOf(verdict: Verdict): Load {
  if (verdict.kind === 'fine') return 'fine';
  if (verdict.kind === 'throttled' || verdict.down) return 'overloaded';
  return 'unknown';
}
