/** One unit of the work: sleeps, then returns `value`. */
export interface Item {
  index: number;
  /** What Node's timers are asked for: whole milliseconds. */
  ms: number;
  /** How long that takes here. Systems with finer timers are asked for this. */
  sleptMs: number;
  value: number;
}

/** Latencies in whole milliseconds, at least 1; the same on every call. */
export function logNormal(count: number, medianMs: number, sigma: number): number[] {
  const random = mulberry32(20_240_607);
  return Array.from({ length: count }, () => {
    // Box–Muller: a normal number from two uniform ones.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(1, Math.round(medianMs * Math.exp(sigma * normal)));
  });
}

/** Items of these latencies, each slept three times, by 50 loops that do nothing else. */
export async function measureSleeps(latencies: readonly number[]): Promise<Item[]> {
  const rounds = [await sleepAll(latencies), await sleepAll(latencies), await sleepAll(latencies)];
  return latencies.map((ms, index) => {
    const slept = rounds.map((round) => round[index] ?? 0).sort((a, b) => a - b);
    return { index, ms, sleptMs: slept[1] ?? ms, value: 7 * index + 1 };
  });
}

/** The work itself, as every system in this process does it. */
export async function work({ ms, value }: Item): Promise<number> {
  await sleep(ms);
  return value;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function sleepAll(latencies: readonly number[]): Promise<number[]> {
  const slept: number[] = [];
  // One iterator for all loops: each takes what comes next.
  const queue = latencies.entries();
  const loop = async () => {
    for (const [index, ms] of queue) {
      const startedAt = performance.now();
      await sleep(ms);
      slept[index] = performance.now() - startedAt;
    }
  };
  await Promise.all(Array.from({ length: 50 }, loop));
  return slept;
}

/** A small seeded generator of numbers in [0, 1); Tommy Ettinger's, public domain. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
