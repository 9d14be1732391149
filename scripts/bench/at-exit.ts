/**
 * What must not outlive this process, however it ends short of SIGKILL: child processes and temporary directories.
 * Clean-ups run synchronously when the process exits, so a signal only has to end the process.
 */
const cleanups = new Set<() => void>();

process.on('exit', () => {
  for (const cleanup of cleanups) cleanup();
});

/** Has `cleanup` called at exit; the returned function calls it now instead. */
export function atExit(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => {
    if (cleanups.delete(cleanup)) cleanup();
  };
}
