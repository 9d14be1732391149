import { cpus, release, totalmem, type } from 'node:os';

/** Where and when something was measured. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  node: string;
  os: string;
  /** ISO 8601, UTC. */
  date: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    os: `${type()} ${release()}`,
    date: new Date().toISOString(),
  };
}

export function describeMachine({ cpu, cores, memoryGb, node, os, date }: Machine): string {
  return `${date.slice(0, 10)}, ${cpu} with ${cores} cores, ${memoryGb} GB, ${os}, Node ${node}`;
}
