import type { FunctionErrorBody } from './function-error.ts';

/** To a sandbox: run the handler. */
export interface InvokeMessage {
  requestId: string;
  /** The event, as JSON. */
  payload: string;
  /** Epoch milliseconds at which it is stopped. */
  deadline: number;
}

/** From a sandbox: its module is loaded, or not; then how each invocation ended. `payload` is JSON. */
export type SandboxMessage =
  | { kind: 'ready' }
  | { kind: 'initFailed'; error: FunctionErrorBody }
  | { kind: 'result'; payload: string }
  | { kind: 'failure'; error: FunctionErrorBody };
