import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Timed<T> {
  seconds: number;
  /** Of all threads. */
  cpuSeconds: number;
  /** The longest that the event loop was held, other processes and all. */
  eventLoopMaxMs: number;
  /** The longest that this thread computed without letting go: hardly depends on what else the machine does. */
  longestTurnCpuMs: number;
  results: T;
}

const resolution = 10;

/** Measures work, and what it does to the event loop of this process meanwhile. */
export async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const delay = monitorEventLoopDelay({ resolution });
  const turns = watchTurns();
  delay.enable();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const results = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  delay.disable();
  return {
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    eventLoopMaxMs: Math.max(0, delay.max / 1e6 - resolution),
    longestTurnCpuMs: turns.stop(),
    results,
  };
}

/** Looks at the thread's own processor time whenever the event loop comes round, 1 ms later at the earliest. */
function watchTurns(): { stop(): number } {
  const cpuMs = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let before = cpuMs();
  const look = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - before);
    before = now;
  };
  const timer = setInterval(look, 1);
  return {
    stop() {
      clearInterval(timer);
      look();
      return longest;
    },
  };
}
