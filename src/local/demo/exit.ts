import { styleText } from 'node:util';
import { SpillwayError } from '../../core/engine/errors.ts';

/** A demo that takes longer than this, in milliseconds, is stuck. */
const limitMs = 5 * 60_000;
/** Stopping is quick; if not, the process ends anyway after this many milliseconds. */
const stopLimitMs = 15_000;

/** Exit codes of a command that a signal ended: 128 plus the signal's number. */
const signals = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a command that resolves to its problems. Its signal aborts on Ctrl+C, on SIGTERM, and when the command
 * takes too long; the process ends soon afterwards in any case. Resolves to the exit code, once the reason is
 * printed.
 */
export async function exitCodeOf(command: (signal: AbortSignal) => Promise<string[]>): Promise<number> {
  const stop = new AbortController();
  let stopCode: number | undefined;
  const stopWith = (code: number, message: string) => {
    // A user who asks twice does not want to wait.
    if (stopCode !== undefined) process.exit(code);
    stopCode = code;
    console.error(`\n${message}`);
    setTimeout(() => process.exit(code), stopLimitMs).unref();
    stop.abort(new Error(message));
  };
  for (const [signal, code] of Object.entries(signals))
    process.on(signal, () => stopWith(code, 'Stopping …'));
  const guard = setTimeout(() => stopWith(1, `Gave up: no end after ${limitMs / 60_000} minutes`), limitMs);
  try {
    const problems = await command(stop.signal);
    for (const problem of problems) console.error(`${styleText('red', '✗')} ${problem}`);
    return stopCode ?? (problems.length === 0 ? 0 : 1);
  } catch (error) {
    if (stopCode === undefined) console.error(`${styleText('red', '✗')} ${messageOf(error)}`);
    return stopCode ?? 1;
  } finally {
    clearTimeout(guard);
    // Nothing should keep the process alive now. It exits with process.exitCode, which the caller sets.
    setTimeout(() => process.exit(), stopLimitMs).unref();
  }
}

/** Our own errors are complete; those of fetch say little, because the reason is in their cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined || error instanceof SpillwayError
    ? error.message
    : `${error.message}: ${messageOf(error.cause)}`;
}
