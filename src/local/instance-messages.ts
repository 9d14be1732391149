import type { FunctionErrorBody } from './function-error.ts';

/** To an instance: run the handler. */
export interface InvokeMessage {
  requestId: string;
  /** The event, as JSON. */
  payload: string;
  /** Epoch milliseconds at which it is stopped. */
  deadline: number;
}

/** From an instance: its module is loaded, or not; then how each invocation ended. `payload` is JSON. */
export type InstanceMessage =
  | { kind: 'ready' }
  | { kind: 'initFailed'; error: FunctionErrorBody }
  | { kind: 'result'; payload: string }
  | { kind: 'failure'; error: FunctionErrorBody };
