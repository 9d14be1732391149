import type { Client } from '../../client/client.ts';
import type { StandInOptions } from '../stand-ins.ts';
import type { InvocationLog } from './invocations.ts';

/** A demo's context: a service on this machine, and a client for it. */
export interface DemoContext {
  client: Client;
  /** Records what the service's functions do in the meantime. */
  invocations: InvocationLog;
  /** Seconds that the service's gateway waits for an answer. */
  apiTimeout: number;
  /** An empty directory for the demo's files. */
  outputDir: string;
  /** Aborts when the demo must end early. */
  signal: AbortSignal;
  say(line: string): void;
}

/** Demonstrates one workload from the request to the finished result, as a client sees it. */
export interface Demo {
  /** The workload's name. */
  name: string;
  /** One line for the list of demos. */
  summary: string;
  /** Seconds that the gateway waits, unless the command overrides it. */
  apiTimeout: number;
  /** How the stand-ins for other APIs behave. */
  standIns?: StandInOptions;
  /** Resolves to the unexpected results, one line each; empty if all is well. */
  run(context: DemoContext): Promise<string[]>;
}
