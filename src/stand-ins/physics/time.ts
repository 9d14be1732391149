/** What is needed of the real world's time. Handed in, so that tests can hold it still. */
export interface RealTime {
  /** Nanoseconds since any moment. Never goes back. */
  nanoseconds(): bigint;
  /** Milliseconds since the Unix epoch. */
  epochMs(): number;
  /** Calls `action` once after `ms` milliseconds unless the returned function is called first. */
  after(ms: number, action: () => void): () => void;
}

export const realTime: RealTime = {
  nanoseconds: () => process.hrtime.bigint(),
  epochMs: () => Date.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

/** A moment of the sandbox: nanoseconds of its own time since its start. Whole, so that rates are counted exactly. */
export type Instant = bigint;

export const nanosecondsPerMs = 1_000_000;

/**
 * Time within the sandbox. At a scale of 0.1 everything goes ten times as fast as in the real world: delays are a
 * tenth, rates are tenfold. What is configured is in sandbox time; what a caller is told to wait is in the caller's.
 */
export interface SandboxTime {
  readonly scale: number;
  now(): Instant;
  /** Milliseconds of real time since the start, at an instant. */
  realMs(at: Instant): number;
  /** Milliseconds that pass for a caller while `ms` pass in the sandbox. */
  toReal(ms: number): number;
  epochMs(): number;
  /** Settles after `ms` of sandbox time; never, once stopped. */
  wait(ms: number): Promise<void>;
  /** Ends all waiting without waking anybody, so that nothing keeps the process alive. */
  stop(): void;
}

/** Steps of the scale. A whole number of them keeps the conversion exact. */
const scaleSteps = 1_000_000;

/** Throws RangeError unless `scale` is from 0.001 to 1000. */
export function createTime(scale: number, real: RealTime = realTime): SandboxTime {
  if (!(scale >= 0.001 && scale <= 1000))
    throw new RangeError(`The time scale must be from 0.001 to 1000, got ${scale}`);
  const steps = BigInt(Math.round(scale * scaleSteps));
  const startedAt = real.nanoseconds();
  const waiting = new Set<() => void>();
  let stopped = false;
  return {
    scale,
    now: () => ((real.nanoseconds() - startedAt) * BigInt(scaleSteps)) / steps,
    realMs: (at) => Number((at * steps) / BigInt(scaleSteps)) / nanosecondsPerMs,
    toReal: (ms) => ms * scale,
    epochMs: () => real.epochMs(),
    wait: (ms) =>
      new Promise((resolve) => {
        if (stopped) return;
        const cancel = real.after(Math.max(0, ms * scale), () => {
          waiting.delete(cancel);
          resolve();
        });
        waiting.add(cancel);
      }),
    stop: () => {
      stopped = true;
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}

/** Milliseconds of sandbox time since its start. */
export function milliseconds(at: Instant): number {
  return Number(at) / nanosecondsPerMs;
}
