import { type Connection, connect } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { report } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { goingOnText, heldText } from './held.ts';
import { type Suggest, suggestions } from './suggest.ts';

/** What an action knows of its command. */
export interface Session {
  /** Aborts at Ctrl+C. */
  signal: AbortSignal;
  /** Writes a command that the user can paste. */
  suggest: Suggest;
  /** The job is the command's own: it is held when the command is interrupted. Other held jobs are told of. */
  works(jobId: string): void;
}

/** Does a command's work with a service. Resolves to the exit code. */
export type Action = (connection: Connection, session: Session) => Promise<number>;

/** Signals that end the command, and the exit codes that the shell expects for them. */
const signals = { SIGINT: exitCodes.interrupted, SIGTERM: 143 } as const;
/** Milliseconds within which a second signal is the same one. */
const twiceMs = 1_000;
/** Milliseconds after which the process ends even if something still keeps it alive. */
const lingerLimit = 15_000;

/**
 * Runs an action to a clean end: the first Ctrl+C stops it gracefully, the second ends the process at once,
 * and an error is printed. `onInterrupt` says what happens to the work. Sets the exit code.
 */
export async function inSession(
  options: ConnectionOptions,
  action: Action,
  onInterrupt: (connection: Connection, suggest: Suggest) => string = () => '',
): Promise<void> {
  const stop = new AbortController();
  let signalCode: number | undefined;
  let stoppedAt = 0;
  for (const [signal, code] of Object.entries(signals)) {
    process.on(signal, () => {
      // A signal to a process group comes twice: from the wrapper as well.
      if (signalCode !== undefined && (signal === 'SIGINT' || Date.now() - stoppedAt > twiceMs))
        process.exit(code);
      if (signalCode !== undefined) return;
      signalCode = code;
      stoppedAt = Date.now();
      stop.abort(new Error('interrupted'));
      process.stderr.write('\nStopping … (press Ctrl+C again to stop at once)\n');
    });
  }
  const suggest = suggestions(options);
  let connection: Connection | undefined;
  let ownJob: string | undefined;
  const works = (jobId: string) => {
    ownJob = jobId;
    const { held = [], goingOn = [] } = connection ?? {};
    const others = held.filter((job) => job.jobId !== jobId);
    process.stderr.write(heldText(others, suggest) + goingOnText(goingOn, suggest));
  };
  try {
    connection = await connect(options, stop.signal);
    stop.signal.throwIfAborted();
    process.exitCode = await action(connection, { signal: stop.signal, suggest, works });
  } catch (error) {
    process.exitCode = signalCode ?? report(error, suggest);
  }
  // Whether it answers or not: a job ends with its session.
  if (signalCode !== undefined && ownJob !== undefined) await connection?.hold(ownJob).catch(() => {});
  await connection?.close().catch((error: unknown) => {
    process.exitCode = report(error, suggest);
  });
  if (signalCode !== undefined) {
    process.exitCode = signalCode;
    if (connection !== undefined) process.stderr.write(`${onInterrupt(connection, suggest)}\n`);
  }
  setTimeout(() => process.exit(), lingerLimit).unref();
}
