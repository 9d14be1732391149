import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

/** Receives a function's output. */
export interface FunctionLog {
  write(chunk: Buffer | string): void;
  close(): Promise<void>;
}

/**
 * Appends to `<directory>/<function>.log`; with `echo`, also to the terminal, each line marked with the
 * function's name.
 */
export function openFunctionLog(directory: string, functionName: string, echo: boolean): FunctionLog {
  const file = createWriteStream(join(directory, `${functionName}.log`), { flags: 'a' });
  // A full disk must not stop the service; the error is reported once.
  file.once('error', (error) => console.error(`${functionName}: ${error.message}`));
  file.on('error', () => {});
  let unfinished = '';
  return {
    write: (chunk) => {
      file.write(chunk);
      if (!echo) return;
      const lines = (unfinished + chunk.toString()).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) process.stderr.write(`[${functionName}] ${line}\n`);
    },
    close: () => new Promise((resolve) => file.end(() => resolve())),
  };
}
