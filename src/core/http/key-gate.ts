import { LRUCache } from 'lru-cache';
import type { Clock } from '../engine/clock.ts';
import type { Call } from './request.ts';
import type { UpstreamError } from './upstream-error.ts';

/** Calls with a key that the upstream has not accepted yet may be under way at the same time up to this number. */
const unprovenCalls = 3;
/** After a refusal, calls with the same key fail without being sent for this many milliseconds: the job is stopped. */
const refusedMs = 1_000;
/** Keys to remember. Some upstreams get a new one every hour. */
const mostKeys = 100;

/** A call that has passed the gate. */
export interface Passed {
  /** The upstream has answered. `refusal`: it refuses the key. */
  answered(refusal?: UpstreamError): void;
  /** The call is over, whether or not it was answered. */
  leave(): void;
}

/** Keeps a wrong key from being sent with every call that could start at once. */
export interface KeyGate {
  /** Throws the refusal of the call's key, and the signal's reason when it aborts. */
  pass(call: Call): Promise<Passed>;
}

interface Key {
  accepted: boolean;
  refusal?: { error: UpstreamError; until: number };
  inside: number;
  waiting: Set<() => void>;
}

const free: Passed = { answered: () => {}, leave: () => {} };

export function createKeyGate(clock: Clock): KeyGate {
  const keys = new LRUCache<string, Key>({ max: mostKeys });

  const keyOf = (credential: string): Key => {
    const known = keys.get(credential) ?? { accepted: false, inside: 0, waiting: new Set() };
    keys.set(credential, known);
    return known;
  };

  const wake = (key: Key) => {
    for (const one of [...key.waiting]) one();
  };

  return {
    async pass(call) {
      const credential = credentialOf(call);
      if (credential === undefined) return free;
      const key = keyOf(credential);
      for (;;) {
        call.signal.throwIfAborted();
        if (key.refusal && clock.now() < key.refusal.until) throw key.refusal.error;
        if (key.accepted || key.inside < unprovenCalls) break;
        await turn(key.waiting, call.signal);
      }
      key.inside += 1;
      return {
        answered(refusal) {
          key.accepted = refusal === undefined;
          if (refusal) key.refusal = { error: refusal, until: clock.now() + refusedMs };
          wake(key);
        },
        leave() {
          key.inside -= 1;
          wake(key);
        },
      };
    },
  };
}

/** Resolves when something has changed, or the signal aborts. */
function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      waiting.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    waiting.add(done);
    signal.addEventListener('abort', done, { once: true });
  });
}

const mayBeKey = /auth|key|token|secret|cookie|signature|password/i;

/** What the call says of its key, else the parts of its headers and query that hold one; undefined if it has none. */
function credentialOf({ headers = {}, query = {}, keyOf }: Call): string | undefined {
  if (keyOf !== undefined) return keyOf;
  const parts = [...Object.entries(headers), ...Object.entries(query)].filter(([name]) =>
    mayBeKey.test(name),
  );
  return parts.length === 0 ? undefined : JSON.stringify(parts);
}
