/** Milliseconds between looks. */
const lookEvery = 250;

/**
 * Ends this process soon after the one that started it: whoever kills that one (`kill -9` cannot be passed on) means
 * this one, and must find the data directory free when he starts the command again.
 */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, lookEvery).unref();
}
