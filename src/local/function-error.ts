import { SpillwayError } from '../core/engine/errors.ts';
import { gatewayErrors } from './local-errors.ts';

/** Lambda's answer when a function failed. */
export interface FunctionErrorBody {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** A function did not return a result: it threw, was stopped at its timeout, died, or its payload was too large. */
export class FunctionError extends SpillwayError {
  readonly functionName: string;
  readonly body: FunctionErrorBody;

  constructor(functionName: string, body: FunctionErrorBody) {
    super(gatewayErrors.FUNCTION_FAILED, `${functionName}: ${body.errorType}: ${body.errorMessage}`);
    this.functionName = functionName;
    this.body = body;
  }
}

/** Lambda's own error types. */
export const errorTypes = {
  timedOut: 'Sandbox.Timedout',
  exited: 'Runtime.ExitError',
  noModule: 'Runtime.ImportModuleError',
  noHandler: 'Runtime.HandlerNotFound',
  requestTooLarge: 'RequestEntityTooLargeException',
  responseTooLarge: 'Function.ResponseSizeTooLarge',
  stopped: 'Service.Stopped',
} as const;

/** Maximum bytes of JSON that a synchronous invocation may send. Source: AWS Lambda quotas, 6 MB. */
export const maxRequestBytes = 6 * 2 ** 20;
/**
 * Maximum bytes of JSON that a function may return: 100 more than it may receive, according to Lambda's error
 * message.
 */
export const maxResponseBytes = maxRequestBytes + 100;
