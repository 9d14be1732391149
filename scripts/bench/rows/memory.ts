import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds between two looks: the system itself keeps the peak, so that only short-lived processes can be missed. */
const lookEvery = 500;

/** Watches the memory of a process and of all that it starts. Tells nothing where there is no `/proc`. */
export function watchMemory(pid: number | undefined): { stop(): { peakRssMb?: number } } {
  let peakKb = 0;
  const look = () => {
    for (const one of treeOf(pid)) peakKb = Math.max(peakKb, peakOf(one));
  };
  const looking = setInterval(look, lookEvery);
  return {
    stop() {
      clearInterval(looking);
      return peakKb === 0 ? {} : { peakRssMb: Math.round(peakKb / 1024) };
    },
  };
}

/** KB. The largest resident set that the process ever had. */
function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function treeOf(root: number | undefined): number[] {
  const parents = new Map<number, number>();
  for (const name of entries('/proc')) {
    const parent = /\) \w (\d+) /.exec(read(`/proc/${name}/stat`))?.[1];
    if (/^\d+$/.test(name) && parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found = root === undefined ? [] : [root];
  for (const one of found) for (const [pid, parent] of parents) if (parent === one) found.push(pid);
  return found;
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Processes come and go.
    return '';
  }
}
