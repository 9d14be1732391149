import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** All that a process has started, and what these have, itself first. Empty once it is gone. */
export function treeOf(pid: number): Process[] {
  const all = allProcesses();
  const found = all.filter((one) => one.pid === pid);
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid));
  return found;
}

/** Those that work on slices; where the system does not tell a process's environment, all that run functions. */
export function workersOf(tree: readonly Process[]): number[] {
  return tree.filter(isWorker).map(({ pid }) => pid);
}

/** Ends processes as a power cut would; those that have ended meanwhile are no error. Returns how many there were. */
export function killAll(pids: readonly number[]): number {
  return pids.filter((pid) => {
    try {
      return process.kill(pid, 'SIGKILL');
    } catch {
      return false;
    }
  }).length;
}

function isWorker({ pid, command }: Process): boolean {
  if (!command.includes('instance-process')) return false;
  try {
    return /AWS_LAMBDA_FUNCTION_NAME=\S*continueJob/.test(readFileSync(`/proc/${pid}/environ`, 'utf8'));
  } catch {
    return !existsSync('/proc');
  }
}

function allProcesses(): Process[] {
  return existsSync('/proc/self/stat') ? ofProc() : ofPs();
}

function ofProc(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, state, parent] = /\) (\w) (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      // A dead one whose parent has not looked.
      if (state === 'Z' || parent === undefined) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

function ofPs(): Process[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}
