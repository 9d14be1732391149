import type { ResponseHead } from './awslambda.ts';
import type { FunctionErrorBody } from './function-error.ts';

/** To an instance: run the handler. */
export interface InvokeMessage {
  kind: 'invoke';
  requestId: string;
  /** The event, as JSON. */
  payload: string;
  /** Epoch milliseconds at which it is stopped. */
  deadline: number;
}

/**
 * To an instance that streams. `taken`: the last chunk has been taken, so send the next. `gone`: nobody is
 * listening any more.
 */
export type ServiceMessage = InvokeMessage | { kind: 'taken' } | { kind: 'gone' };

/** Parts of a streamed response: one chunk at a time, the next one after it has been taken. */
export type PartMessage = { kind: 'head'; head: ResponseHead } | { kind: 'chunk'; bytes: Uint8Array };

/**
 * From an instance: first whether its module has loaded; then how each invocation ended, after the parts of
 * its response if it streams. `payload` is JSON.
 */
export type InstanceMessage =
  | { kind: 'ready' }
  | { kind: 'initFailed'; error: FunctionErrorBody }
  | { kind: 'result'; payload: string }
  | { kind: 'failure'; error: FunctionErrorBody };
