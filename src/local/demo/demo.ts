import type { Client } from '../../client/client.ts';
import type { StandInOptions } from '../stand-ins.ts';
import type { InvocationLog } from './invocations.ts';

/** What a demo works with: a service that runs on this machine, and the caller of the command to talk to. */
export interface DemoContext {
  client: Client;
  /** What the service's functions do meanwhile. */
  invocations: InvocationLog;
  /** Seconds that the service's gateway waits for an answer. */
  apiTimeout: number;
  /** Directory to write to, empty. */
  outputDir: string;
  /** Aborts when the demo has to end early. */
  signal: AbortSignal;
  say(line: string): void;
}

/** Shows one workload from the request to the finished result, as a client sees it. */
export interface Demo {
  /** The workload's name. */
  name: string;
  /** One line for the list of demos. */
  summary: string;
  /** Seconds for the gateway to wait, unless the command says otherwise. */
  apiTimeout: number;
  /** How the stand-ins for other APIs behave. */
  standIns?: StandInOptions;
  /** Resolves to what was not as it should be, a line each; empty when all is well. */
  run(context: DemoContext): Promise<string[]>;
}
