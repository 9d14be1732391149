import { type Connection, type ConnectionOptions, connect } from './connection.ts';
import { exitCodeOfError, exitCodes, explain } from './errors.ts';

/** Does a command's work with a service. Resolves to the exit code. */
export type Action = (connection: Connection, signal: AbortSignal) => Promise<number>;

/** Signals that end the command, and the exit codes that the shell expects for them. */
const signals = { SIGINT: exitCodes.interrupted, SIGTERM: 143 } as const;
/** Milliseconds after which the process ends even if something still keeps it alive. */
const lingerLimit = 15_000;

/**
 * Runs an action to a clean end: the first Ctrl+C stops it gracefully, the second ends the process at once,
 * and an error is printed. `onInterrupt` says what happens to the work. Sets the exit code.
 */
export async function inSession(
  options: ConnectionOptions,
  action: Action,
  onInterrupt: (connection: Connection) => string = () => '',
): Promise<void> {
  const stop = new AbortController();
  let signalCode: number | undefined;
  for (const [signal, code] of Object.entries(signals)) {
    process.on(signal, () => {
      if (signalCode !== undefined) process.exit(code);
      signalCode = code;
      stop.abort(new Error('interrupted'));
      process.stderr.write('\nStopping … (press Ctrl+C again to stop at once)\n');
    });
  }
  let connection: Connection | undefined;
  try {
    connection = await connect(options, stop.signal);
    stop.signal.throwIfAborted();
    process.exitCode = await action(connection, stop.signal);
  } catch (error) {
    process.exitCode = signalCode ?? report(error);
  }
  await connection?.close().catch((error: unknown) => {
    process.exitCode = report(error);
  });
  if (signalCode !== undefined) {
    process.exitCode = signalCode;
    if (connection !== undefined) process.stderr.write(`${onInterrupt(connection)}\n`);
  }
  setTimeout(() => process.exit(), lingerLimit).unref();
}

/** Prints an error. Returns the exit code for it. */
export function report(error: unknown): number {
  process.stderr.write(`${explain(error)}\n`);
  return exitCodeOfError(error);
}
